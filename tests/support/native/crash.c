/* See README.md for how the files beside this one were made of it. */
static int inner(int n) { return n * 3 + 1; }
__attribute__((noinline)) int outer(int n) { return inner(n) / (n - 7); }
void _start(void) {
  volatile int n = 7;
  n = outer(n);
  for (;;) {
  }
}
