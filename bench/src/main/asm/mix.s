.intel_syntax noprefix
push rbp; mov rbp,rsp; push r15; push r14; push rbx; sub rsp,0x28
mov rax,qword ptr gs:0x28; mov qword ptr [rbp-0x30],rax; xor eax,eax; mov rbx,rdi; mov r14d,esi
test rdi,rdi; je 1f; movzx eax,byte ptr [rdi+0x14]; lea rcx,[rip+0x12345]; mov rdx,qword ptr [rcx+rax*8]; cmp dword ptr [rbx+0x40],0x7f; jg 1f
add rax,rdx; imul rax,rax,0x1b; shr rax,5; and eax,0x3f; bt dword ptr [rbx],eax; setb cl; cmovae rax,rdx; or byte ptr [rbx+0x10],cl
lock cmpxchg qword ptr [rbx+8],rdx; xadd dword ptr [rbx],eax; movsxd rcx,esi; mov dword ptr [rsp+rcx*4+0x10],0x1234; call 2f
movups xmm0,xmmword ptr [rbx]; movaps xmmword ptr [rsp],xmm0; pxor xmm1,xmm1; paddd xmm0,xmm1; cvtsi2sd xmm2,rax; mulsd xmm2,xmm2; ucomisd xmm2,xmm1; pshufd xmm3,xmm0,0x1b; punpckldq xmm0,xmm3
2: movabs r10,0x1122334455667788; bswap r10; rol r10d,7; sbb ecx,ecx; neg rcx; not edx; dec r14d; jne 2b; rep movsq; rep stosb; popcnt rax,rbx; tzcnt ecx,edx; bsf edx,eax
nop dword ptr [rax+rax+0x0]; endbr64; swapgs; rdmsr; wrmsr; cli; sti; pushfq; popfq; iretq; 1: add rsp,0x28; pop rbx; pop r14; pop r15; pop rbp; ret
