package socket

// Carry is what Move does where the kernel can not do it.
var Carry = carry
