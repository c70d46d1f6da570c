# sieve of 4096 bytes at 0x110000, then CRC-32 of it bit by bit, then a multiplicative hash with calls; forever
start:
 mov $0x110000,%edi
 mov $0x01010101,%eax
 mov $1024,%ecx
0: mov %eax,(%rdi)
 add $4,%rdi
 dec %ecx
 jne 0b
 mov $0x110000,%ebx
 mov $2,%ecx
1: cmpb $0,(%rbx,%rcx)
 je 3f
 lea (%rcx,%rcx),%edx
2: cmp $4096,%edx
 jae 3f
 movb $0,(%rbx,%rdx)
 add %ecx,%edx
 jmp 2b
3: inc %ecx
 cmp $64,%ecx
 jb 1b
 mov $-1,%eax
 xor %esi,%esi
4: movzbl (%rbx,%rsi),%edx
 xor %edx,%eax
 mov $8,%ecx
5: mov %eax,%edx
 and $1,%edx
 neg %edx
 and $0xedb88320,%edx
 shr $1,%eax
 xor %edx,%eax
 dec %ecx
 jne 5b
 inc %esi
 cmp $1024,%esi
 jb 4b
 xor %esi,%esi
6: mov (%rbx,%rsi,8),%rdi
 call 7f
 add %rax,%r8
 inc %esi
 cmp $512,%esi
 jb 6b
 jmp start
7: push %rbp
 mov %rsp,%rbp
 mov %rdi,%rax
 imul $0x1E3779B1,%rax,%rax
 mov %rax,%rdx
 shr $29,%rdx
 xor %rdx,%rax
 test $1,%al
 je 8f
 not %rax
8: pop %rbp
 ret
