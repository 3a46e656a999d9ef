/* breaks 29: a call that is over says something more */
#define FAULT_AFTER_RELEASED(b, ch, of)                                     \
  do {                                                                     \
    ccd_event late;                                                        \
    memset(&late, 0, sizeof late);                                         \
    post(b, &late, sizeof late, CCD_EV_HELD, ch, of);                      \
  } while (0)
#include "base.c"
