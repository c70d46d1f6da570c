"""Writes forms.inc: one line an instruction form, with xmm0/mm0/eax as destination and xmm1/mm1/(%rdi) as source."""
packed = """pand pandn por pxor paddb paddw paddd paddq paddsb paddsw paddusb paddusw psubb psubw psubd psubq psubsb psubsw psubusb psubusw
pmulhw pmulhuw pmullw pmuludq pmaddwd pcmpeqb pcmpeqw pcmpeqd pcmpgtb pcmpgtw pcmpgtd pavgb pavgw pmaxub pmaxsw pminub pminsw psadbw
packsswb packuswb packssdw punpcklbw punpcklwd punpckldq punpckhbw punpckhwd punpckhdq psllw pslld psllq psrlw psrld psrlq psraw psrad
pshufb phaddw phaddd phaddsw phsubw phsubd phsubsw pmaddubsw pmulhrsw psignb psignw psignd pabsb pabsw pabsd""".split()
xmm = """punpcklqdq punpckhqdq andps andnps orps xorps andpd andnpd orpd xorpd unpcklps unpckhps unpcklpd unpckhpd movsldup movshdup movddup
movaps movups movdqa movdqu movapd movupd movq movss movsd""".split()
fp = [o + s for o in "add sub mul div min max sqrt".split() for s in "ps pd ss sd".split()]
fp += """addsubps addsubpd haddps haddpd hsubps hsubpd cvtps2pd cvtpd2ps cvtss2sd cvtsd2ss cvtdq2ps cvtdq2pd cvtps2dq cvttps2dq cvtpd2dq
cvttpd2dq comiss comisd ucomiss ucomisd""".split()
out = []
for m in packed:
    out += [f"{m} %xmm1,%xmm0", f"{m} (%rdi),%xmm0", f"{m} %mm1,%mm0", f"{m} (%rdi),%mm0"]
for m in xmm:
    out += [f"{m} %xmm1,%xmm0", f"{m} (%rdi),%xmm0"]
for m in fp:
    out += [f"F {m} %xmm1,%xmm0", f"F {m} (%rdi),%xmm0"]
for p in range(8):
    out += [f"F cmp{s} ${p},%xmm1,%xmm0" for s in "ps pd ss sd".split()]
for m in "psllw pslld psllq psrlw psrld psrlq psraw psrad".split():
    for n in (0, 1, 7, 15, 16, 31, 32, 63, 64, 255):
        out += [f"{m} ${n},%xmm0", f"{m} ${n},%mm0"]
for n in (0, 1, 7, 8, 9, 15, 16, 200):
    out += [f"pslldq ${n},%xmm0", f"psrldq ${n},%xmm0", f"palignr ${n},%mm1,%mm0"]
for n in (0, 1, 7, 8, 9, 15, 16, 17, 24, 31, 32, 200):
    out += [f"palignr ${n},%xmm1,%xmm0"]
for n in (0, 0x1b, 0xe4, 0x93, 0xff, 0x72):
    out += [f"{m} ${n},%xmm1,%xmm0" for m in "pshufd pshuflw pshufhw shufps shufpd".split()] + [f"pshufw ${n},%mm1,%mm0"]
for n in range(8):
    out += [f"pinsrw ${n},%eax,%xmm0", f"pextrw ${n},%xmm0,%eax", f"pinsrw ${n},(%rdi),%xmm0"]
for n in range(4):
    out += [f"pinsrw ${n},%eax,%mm0", f"pextrw ${n},%mm0,%eax"]
out += """movd %eax,%xmm0|movq %rax,%xmm0|movd %xmm0,%eax|movq %xmm0,%rax|movd %eax,%mm0|movq %rax,%mm0|movd %mm0,%eax|movq %mm0,%rax
movhlps %xmm1,%xmm0|movlhps %xmm1,%xmm0|movlps (%rdi),%xmm0|movhps (%rdi),%xmm0|movlps %xmm0,(%rdi)|movhps %xmm0,(%rdi)
movss %xmm0,(%rdi)|movsd %xmm0,(%rdi)|movups %xmm0,(%rdi)|movaps %xmm0,(%rdi)|movq %xmm0,(%rdi)|movd %xmm0,(%rdi)|movq %mm0,(%rdi)|movd %mm0,(%rdi)
movntps %xmm0,(%rdi)|movntdq %xmm0,(%rdi)|movntq %mm0,(%rdi)|lddqu (%rdi),%xmm0|maskmovdqu %xmm1,%xmm0|maskmovq %mm1,%mm0
pmovmskb %xmm0,%eax|pmovmskb %mm0,%eax|movmskps %xmm0,%eax|movmskpd %xmm0,%eax|movq2dq %mm1,%xmm0|movdq2q %xmm1,%mm0""".replace("\n", "|").split("|")
for r in ("%eax", "%rax"):
    out += [f"F {m} {r},%xmm0" for m in (("cvtsi2ssl", "cvtsi2sdl") if r == "%eax" else ("cvtsi2ssq", "cvtsi2sdq"))]
    out += [f"F {m} %xmm1,{r}" for m in "cvtss2si cvtsd2si cvttss2si cvttsd2si".split()]
out += [f"F {m} %xmm1,%mm0" for m in "cvtps2pi cvttps2pi cvtpd2pi cvttpd2pi".split()] + ["F cvtpi2ps %mm1,%xmm0", "F cvtpi2pd %mm1,%xmm0"]

out += [f"{m} {s},%xmm0" for m in """pmuldq pmulld pcmpeqq pcmpgtq pminsb pminsd pminuw pminud pmaxsb pmaxsd pmaxuw pmaxud packusdw phminposuw pblendvb
blendvps blendvpd ptest pmovsxbw pmovsxbd pmovsxbq pmovsxwd pmovsxwq pmovsxdq pmovzxbw pmovzxbd pmovzxbq pmovzxwd pmovzxwq pmovzxdq
aesenc aesenclast aesdec aesdeclast aesimc""".split() for s in ("%xmm1", "(%rdi)")] + ["movntdqa (%rdi),%xmm0"]
out += [f"{m} ${n},%xmm1,%xmm0" for m in "blendps blendpd pblendw mpsadbw aeskeygenassist insertps".split() for n in (0, 1, 2, 5, 7, 0x1b, 0x5a, 0xa4, 0xff)]
out += [f"pclmulqdq ${n},%xmm1,%xmm0" for n in (0, 1, 16, 17)] + ["insertps $0x12,(%rdi),%xmm0"]
out += [f"F {m} ${n},%xmm1,%xmm0" for m in "roundps roundpd roundss roundsd".split() for n in range(0, 13)]
out += [f"F {m} ${n},%xmm1,%xmm0" for m in "dpps dppd".split() for n in (0xff, 0x31, 0xf1, 0x5a, 0x13, 0)]
out += [f"{m} ${n},{d}" for m, k in (("pextrb", 16), ("pextrd", 4), ("extractps", 4)) for n in range(k) for d in ("%xmm0,%eax", "%xmm0,(%rdi)")]
out += [f"pextrq ${n},{d}" for n in range(2) for d in ("%xmm0,%rax", "%xmm0,(%rdi)")] + [f"pextrw ${n},%xmm0,(%rdi)" for n in range(8)]
out += [f"{m} ${n},{s},%xmm0" for m, k, r in (("pinsrb", 16, "%eax"), ("pinsrd", 4, "%eax"), ("pinsrq", 2, "%rax")) for n in range(k) for s in (r, "(%rdi)")]
out += [f"{m} {s},%xmm0" for m in "sha1nexte sha1msg1 sha1msg2 sha256msg1 sha256msg2 sha256rnds2".split() for s in ("%xmm1", "(%rdi)")]
out += [f"sha1rnds4 ${n},%xmm1,%xmm0" for n in range(4)]
# lengths in eax (from the state) and edx (the low bits of mm1); what is left in ecx is moved to eax
for n in range(128):
    for m in "pcmpistri pcmpistrm pcmpestri pcmpestrm".split():
        out.append(f"movd %mm1,%edx; and $31,%eax; and $31,%edx; mov $0,%ecx; {m} ${n},%xmm1,%xmm0; mov %ecx,%eax")
with open("forms.inc", "w") as f:
    for o in out:
        fl = o.startswith("F ")
        f.write(f"form {1 if fl else 0}, \"{o[2:] if fl else o}\"\n")
