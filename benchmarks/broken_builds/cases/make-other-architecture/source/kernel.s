	.machine "z16"
	.text
	.globl	zbell_outcome
	.type	zbell_outcome, @function
# The outcome of one shot; the generator's state is in the vector registers v24 to v31.
zbell_outcome:
	stmg	%r6,%r15,48(%r15)
	lay	%r15,-160(%r15)
	prno	%r2,%r4
	larl	%r1,.Lstate
	vlm	%v24,%v31,0(%r1)
	vfmadb	%v24,%v25,%v26,%v27
	verllg	%v28,%v24,13
	vx	%v24,%v24,%v28
	vlgvg	%r2,%v24,0
	nill	%r2,3
	lmg	%r6,%r15,208(%r15)
	br	%r14
	.size	zbell_outcome, .-zbell_outcome
	.section .rodata
.Lstate:
	.quad	0x3fe6a09e667f3bcd, 0x3fe6a09e667f3bcd
