/** IEEE 754 arithmetic with the roundings, exceptions and NaNs of x86, where Java's own differs. */
package ringside.softfloat;
