/* callcore.h - application API.  ABI 1.0
 *
 * Present members: who am I talking to.  Callable before anything else, from any thread; nothing to free.
 */
#ifndef CALLCORE_H
#define CALLCORE_H
#include <stdint.h>
#if defined(_WIN32)
#  define CC_CALL __cdecl
#  ifdef CALLCORE_STATIC
#    define CC_API
#  else
#    define CC_API __declspec(dllimport)
#  endif
#else
#  define CC_CALL
#  define CC_API __attribute__((visibility("default")))
#endif
#ifdef __cplusplus
extern "C" {
#endif

#define CC_VER(maj, min) (((uint32_t)(maj) << 16) | (uint32_t)(min))
#define CC_ABI CC_VER(1, 0) /* what this header was written for */

typedef int32_t cc_status; /* 0 ok, <0 error; the numbers are never used again for another meaning */

enum { CC_OK = 0, CC_E_ARG = -1, CC_E_STATE = -2, CC_E_UNSUPPORTED = -3, CC_E_BUSY = -4, CC_E_GONE = -6, CC_E_FULL = -10,
       CC_E_CONFIG = -13 };

CC_API uint32_t    CC_CALL cc_abi(void);                  /* the version of the contract that the library speaks */
CC_API const char *CC_CALL cc_version(void);              /* the version of the library; static */
CC_API const char *CC_CALL cc_status_name(cc_status s);   /* "CC_E_GONE"; static */

#ifdef __cplusplus
}
#endif
#endif
