/* breaks 16: the uid is another one each time */
static unsigned uids;
#define FAULT_UID(index) (uids++)
#define FAULT_IS_UNKNOWN(is_unknown) 0
#include "base.c"
