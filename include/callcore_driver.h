/* callcore_driver.h - what a telephony board's driver implements.  ABI 1.0
 *
 * A driver is a shared library with one exported symbol, ccd_negotiate.  Everything else hangs off ccd_accept.vt:
 *
 *   library (.so) -- ccd_negotiate -- driver (create/destroy) -- device (open/close, uid) -- channel 0..n-1 -- call (u64)
 *
 * drivers/README.md leads from an empty folder to a driver that passes `ccd check`; this file says what holds.
 *
 * THE LIFE OF A DEVICE
 *   enumerate, open, (channel infos, extensions), start(media pool), traffic, stop, close.  It may be started again after stop.
 *   No [media] call runs while start or stop does.  A device that the host paces gets exchange for every frame from start to stop.
 *   When stop returns, no thread of the driver calls the host for this device; when destroy returns, all its threads are joined.
 *   After destroy, create may be called again.  A library is never unloaded.
 *
 * THREADS, the first word of each function below
 *   [control]  one call at a time for each device (and one at a time for the driver's own functions); may take 2 s, should take far less.
 *   [media]    one call at a time for each device, on a real-time thread, at the same time as [control] calls of it: no allocation,
 *              no lock that another thread holds for long, no file, no log text built there; 25 % of the frame's time is the budget.
 *   [any]      any thread, any number at a time.
 * No thread needs to be registered.  Host functions only copy and never call back into the driver, so they may be called with the
 * driver's own locks held, and from inside any driver function.  After fork nothing may be called.
 *
 * STATES, the second word:  (created) after create, (open) after open, (started) between start and stop.  A call in another state
 * returns CCD_E_STATE and does nothing; a handle is never used after close or destroy.
 *
 * COMMANDS are the functions that take a ccd_req.  They return at once: CCD_OK is "accepted", and exactly one CCD_EV_DONE with that req
 * follows (before or after the return; none when req is 0) within 5 s; below zero is "refused", and nothing follows.  DONE is no event of a
 * call: it may come before or after what the command leads to, also after RELEASED.  Any number of commands may be outstanding.
 * What is looked at first: CCD_E_ARG (no such channel, an argument out of range), CCD_E_STATE (not started), CCD_E_UNSUPPORTED,
 * CCD_E_GONE (no such call, or the device was removed), then what the function says.  CCD_E_FULL: the driver has no room for more now.
 *
 * CALLS have an id made by whoever begins them: even by the host (make), odd by the driver (INCOMING), never 0, never used again while the
 * device is open, also after stop and start.  The order of the events of a call (each may be missing except the last):
 *   outgoing  DIALING PROCEEDING PROGRESS* ALERTING CONNECTED (HELD RETRIEVED)* DISCONNECTED RELEASED
 *   incoming  INCOMING CALL_INFO* CONNECTED (HELD RETRIEVED)* DISCONNECTED RELEASED
 * PROGRESS and ALERTING may come in either order and more than once.  RELEASED comes exactly once and last, also after drop and when the
 * device is removed.  A channel takes no new make before it.  DISCONNECTED says that the far end is gone: the host drops, then RELEASED
 * follows; a board may also go straight to RELEASED.  Both have the cause of what ended the call first.
 *
 * HOT SWAP  A device that goes away posts CCD_EV_DEVICE_REMOVED, then RELEASED for each of its calls, and nothing else; from then on its
 * functions return CCD_E_GONE, and the host stops and closes it.  A device that appears, or comes back, is CCD_EV_DEVICE_ADDED, posted on the host
 * table that create got; the host opens it if it wants it.  What a device has (channels, infos) does not change while it is open: a
 * channel that cannot be used for now is CCD_EV_BLOCKED; a device that has become another one is removed and added.
 *
 * WHAT A DRIVER MAY LEAVE OUT  Everything but ccd_negotiate, the ccd_driver_vt without config_schema, and channel, start and stop of
 * "callcore.device/1".  An extension that extension() does not know, a table that is too short for a member and a NULL member all mean "cannot".  A board
 * whose stack or firmware runs the calls offers "callcore.call/1" with make, answer and drop; a board of analogue lines offers "callcore.line/1",
 * and the host runs the calls.  Each channel says which (ccd_channel_info.level).  Sound needs exchange of "callcore.media/1".
 *
 * COMPATIBILITY  The first member of every struct is its size in bytes.  A minor version appends members, event types, capability bits and extension
 * ids; nothing is removed, moved or given another type or meaning inside a major version.  Who fills a struct of the other side writes
 * no more than its size says and puts the number of bytes written back into size; a struct that is shorter than in 1.0 is CCD_E_ARG.  Who
 * reads one asks with CCD_HAS.  Unknown events, bits and flags are ignored.  A new meaning is a new revision of an extension ("callcore.call/2").  Ids that do not begin
 * with "callcore." are free: use your reversed domain name ("com.vendor.leds/1").
 * "callcore.conf", "tone", "play", "record", "cpa", "fax", "tap", "hdlc" and "maint" are kept for extensions of later minor versions.
 *
 * TEXT is UTF-8 and NUL-terminated; digits are ASCII 0-9 * # A-D, and where a number may be an address (called, calling, connected, to) it is
 * digits on every board that has no addresses.  Text that is passed in is borrowed for the call; text that is returned by
 * pointer is static.  Nobody frees what the other side allocated.
 *
 * A driver must not write to stdout or stderr, install signal handlers, call setlocale, chdir, fork or exit.
 */
#ifndef CALLCORE_DRIVER_H
#define CALLCORE_DRIVER_H
#include <stddef.h>
#include <stdint.h>
#if defined(_WIN32)
#  define CCD_CALL   __cdecl
#  define CCD_EXPORT __declspec(dllexport)
#else
#  define CCD_CALL
#  define CCD_EXPORT __attribute__((visibility("default")))
#endif
#if defined(__cplusplus) && __cplusplus >= 201703L
#  define CCD_NX noexcept /* a driver function that may throw does not compile into a table */
#else
#  define CCD_NX
#endif
#ifdef __cplusplus
extern "C" {
#endif

#define CCD_VER(maj, min) (((uint32_t)(maj) << 16) | (uint32_t)(min))
#define CCD_ABI_1_0       CCD_VER(1, 0)
/* 1 when a size-prefixed object received from the other side is long enough to hold the field */
#define CCD_HAS(obj, field) \
  ((size_t)(obj)->size >= (size_t)((const char *)&(obj)->field - (const char *)(obj)) + sizeof((obj)->field))

typedef int32_t  ccd_status; /* 0 ok; <0 refused, and nothing will follow */
typedef uint32_t ccd_chan;   /* index inside one device, 0..n-1 */
typedef uint64_t ccd_call;   /* even: made by the host, odd: made by the driver; 0 is none */
typedef uint64_t ccd_req;    /* made by the host; echoed once, in CCD_EV_DONE; 0: no DONE is wanted */
#define CCD_NO_CHAN 0xFFFFFFFFu

enum { CCD_OK = 0,
       CCD_E_ARG = -1,          /* an argument is NULL, out of range, not UTF-8, too short */
       CCD_E_STATE = -2,        /* not now */
       CCD_E_UNSUPPORTED = -3,  /* never on this channel */
       CCD_E_BUSY = -4,         /* the channel has a call; the device is open already */
       CCD_E_GLARE = -5,        /* the far end has seized the line at the same moment */
       CCD_E_GONE = -6,         /* no such call, device, endpoint; the device was removed; a setting that is not set */
       CCD_E_NOMEM = -7, CCD_E_IO = -8, CCD_E_TIMEOUT = -9,
       CCD_E_FULL = -10,        /* a queue is full: again later */
       CCD_E_END = -11,         /* no more of them */
       CCD_E_VERSION = -12,     /* no version of the contract in common */
       CCD_E_CONFIG = -13,      /* a setting is missing, of another type or out of range: name its path in ccd_error.text */
       CCD_E_LICENSE = -14, CCD_E_CLOCK = -15, CCD_E_BUS = -16,
       CCD_E_INTERNAL = -99 };

/* Why something was refused.  The caller sets size; the callee fills the rest, or nothing. */
typedef struct ccd_error {
  uint32_t size; ccd_status code;
  int64_t vendor_code;       /* the board's own number; 0: none */
  char text[240];            /* what, where, and what to do */
} ccd_error;

/* ------------------------------------------------------------------ events: flat, no pointers */

typedef struct ccd_event { /* header; the payload follows; copied as `size` bytes */
  uint32_t size;           /* whole event, multiple of 8, at most CCD_EVENT_MAX; what is not used is zero */
  uint16_t type;           /* CCD_EV_* */
  uint16_t flags;          /* 0 */
  uint64_t t_ns;           /* host->now_ns() when the thing was seen on the wire, in a replay now; never smaller than in the event before */
  uint64_t seq;            /* for each host table, from 1, +1 each, going on after stop and start; a gap means loss */
  ccd_chan chan;           /* CCD_NO_CHAN for events of a span, the device or the driver */
  uint32_t span;           /* the span, from 0, of an event without a channel; else 0 */
  ccd_call call;           /* 0 = none */
  ccd_req  req;            /* only CCD_EV_DONE */
} ccd_event;
#define CCD_EVENT_MAX 4096u

enum { CCD_EV_DONE = 1,          /* ccd_ev_done: an accepted command has completed */
       /* call level: chan and call are set */
       CCD_EV_INCOMING = 16,     /* ccd_ev_incoming */
       CCD_EV_CALL_INFO = 17,    /* ccd_ev_incoming: more of it (caller id, overlap digits); called is the whole number so far */
       CCD_EV_DIALING = 18,      /* the number is going out */
       CCD_EV_PROCEEDING = 19,   /* the network has the whole number */
       CCD_EV_PROGRESS = 20,     /* ccd_ev_progress */
       CCD_EV_ALERTING = 21,     /* ccd_ev_progress: the far end is being rung */
       CCD_EV_CONNECTED = 22,    /* ccd_ev_connected: answered, by either side */
       CCD_EV_DISCONNECTED = 23, /* ccd_ev_disconnected: the far end is gone; the host drops, then RELEASED follows */
       CCD_EV_RELEASED = 24,     /* ccd_ev_disconnected: the call id is dead, the channel idle and past its guard time */
       CCD_EV_HELD = 25, CCD_EV_RETRIEVED = 26, /* the far end put us on hold, and back */
       CCD_EV_TRANSFERRED = 27,  /* ccd_ev_transferred: the far end is another party from now on */
       CCD_EV_CHARGE = 28,       /* ccd_ev_charge */
       CCD_EV_RAW_IE = 29,       /* ccd_ev_raw: what only one protocol has */
       CCD_EV_CPA = 30,          /* ccd_ev_cpa: who answered */
       /* line level: chan is set */
       CCD_EV_HOOK = 48,         /* ccd_ev_hook: FXS: the telephone was lifted or put down */
       CCD_EV_RING_ON = 49,      /* ccd_ev_ring: FXO: ringing voltage begins, once for each burst */
       CCD_EV_RING_OFF = 50,     /* FXO: the burst is over */
       CCD_EV_POLARITY = 51,     /* ccd_ev_polarity: FXO: reversed or back, as seen; what it means is the host's to know */
       CCD_EV_LOOP = 52,         /* ccd_ev_loop: current or voltage of the line has changed */
       CCD_EV_CAS_BITS = 53,     /* ccd_ev_cas */
       CCD_EV_FLASH = 54,        /* ccd_ev_flash: FXS: a hook flash */
       CCD_EV_DIGIT = 55,        /* ccd_ev_digit; at call level too, then with call */
       CCD_EV_TONE = 56,         /* ccd_ev_tone: a tone began or ended */
       CCD_EV_CALLER_ID = 57,    /* ccd_ev_caller_id */
       CCD_EV_HDLC = 58,         /* ccd_ev_hdlc: a frame of a D-channel or signalling link */
       CCD_EV_FAX_TONE = 59,     /* ccd_ev_tone with CCD_TONE_CNG or CCD_TONE_CED */
       /* span, device, driver */
       CCD_EV_ALARM = 80,        /* ccd_ev_alarm; of a channel, or of `span` when chan is CCD_NO_CHAN */
       CCD_EV_SIGLINK = 81,      /* ccd_ev_siglink */
       CCD_EV_BLOCKED = 82,      /* ccd_ev_blocked; of a channel, or of `span` */
       CCD_EV_CLOCK = 83,        /* ccd_ev_clock */
       CCD_EV_SLIP = 84,         /* ccd_ev_slip */
       CCD_EV_BUS = 85,          /* ccd_ev_bus */
       CCD_EV_DEVICE_ADDED = 96, /* ccd_ev_device, on the host table of create only */
       CCD_EV_DEVICE_REMOVED = 97, /* on the device's host table; only RELEASED may follow */
       CCD_EV_HEALTH = 99,       /* ccd_ev_health */
       CCD_EV_FATAL = 100,       /* ccd_ev_fatal: the device cannot go on; as good as removed */
       CCD_EV_LOST = 101,        /* ccd_ev_lost: events were lost; the host replays */
       CCD_EV_ENDPOINT = 102     /* ccd_ev_endpoint: a phone or trunk registered with the driver came or went */ };

typedef struct ccd_ev_done {
  ccd_event h;                                   /* req; chan and call as in the command */
  ccd_status status;                             /* 0, or why it failed after it was accepted */
  uint16_t cause;                                /* Q.850 1..127; 0: none */
  uint16_t pad;
  int64_t vendor_code;
  char text[96];
} ccd_ev_done;

typedef struct ccd_ev_incoming {
  ccd_event h;
  char called[64]; char calling[64]; char name[64]; char redirecting[64]; /* "" when not known */
  char via[64];                                  /* endpoint or trunk of the device it came by, as in its configuration; "" if none */
  uint8_t ton, npi, presentation, screening;     /* of calling; Q.931 4.5.10 */
  uint8_t complete;                              /* 0: overlap, more digits may come as CALL_INFO; the host says accept(PROCEEDING) when it has enough */
  uint8_t bearer;                                /* Q.931 4.5.5 transfer capability: 0 speech, 8 unrestricted, 16 3.1 kHz audio */
  uint8_t category;                              /* calling party's category, Q.763 3.11; 0 unknown */
  uint8_t pad;
  uint32_t json_off, json_len;                   /* the rest, as JSON inside this event; 0: none */
} ccd_ev_incoming;

typedef struct ccd_ev_progress { ccd_event h; uint8_t inband; /* 1: audio may be heard now */ uint8_t pad[7]; } ccd_ev_progress;

typedef struct ccd_ev_connected {
  ccd_event h;
  uint8_t supervision;                           /* CCD_SUP_* : how it is known; only the first two begin a charge */
  uint8_t inband_digits;                         /* 1: on this call keys come and go as audio only, whatever CCD_CAPB_DTMF_* say */
  uint8_t pad[6];
  char connected[64];                            /* number that answered; "" when not known */
} ccd_ev_connected;
enum { CCD_SUP_SIGNALLED = 1,                    /* the network said so */
       CCD_SUP_LOOP = 2,                         /* polarity, loop or hook */
       CCD_SUP_INFERRED = 3,                     /* a voice or the end of ringback was heard */
       CCD_SUP_ASSUMED = 4 };                    /* nobody knows; time has passed */

typedef struct ccd_ev_disconnected {
  ccd_event h;
  uint16_t q850;                                 /* 1..127 */
  uint8_t location;                              /* Q.850 location: 0 user, 1 private local, 2 public local, 4 public remote, 5 private remote, 10 beyond interworking */
  uint8_t how;                                   /* CCD_HOW_* */
  uint8_t inband;                                /* 1: there is still something to hear until drop */
  uint8_t pad[3];
  int64_t vendor_code;                           /* a SIP status, a board's reason; 0: none */
} ccd_ev_disconnected;
enum { CCD_HOW_SIGNALLED = 1, CCD_HOW_LOOP = 2, CCD_HOW_TONE = 3, CCD_HOW_SILENCE = 4, CCD_HOW_ALARM = 5, CCD_HOW_GLARE = 6 };

typedef struct ccd_ev_transferred { ccd_event h; ccd_call other; /* 0: to an address */ char to[64]; } ccd_ev_transferred;

typedef struct ccd_ev_charge {
  ccd_event h;
  uint32_t units;                                /* charge pulses or units since the last event */
  uint32_t kind;                                 /* 1 pulse (12/16 kHz, polarity), 2 advice of charge (Q.956), 3 message of the network */
  int64_t amount_micro;                          /* millionths of the currency; 0: not known */
  char currency[8];                              /* ISO 4217; "" when not known */
} ccd_ev_charge;

typedef struct ccd_ev_raw { ccd_event h; uint32_t json_off, json_len; /* JSON inside this event */ } ccd_ev_raw;

typedef struct ccd_ev_cpa { ccd_event h; uint8_t result; /* CCD_CPA_* */ uint8_t confidence; /* per cent */ uint8_t pad[6]; } ccd_ev_cpa;
enum { CCD_CPA_HUMAN = 1, CCD_CPA_MACHINE = 2, CCD_CPA_BEEP = 3, CCD_CPA_FAX = 4, CCD_CPA_MODEM = 5, CCD_CPA_SIT = 6, CCD_CPA_SILENCE = 7 };

typedef struct ccd_ev_hook { ccd_event h; uint8_t off; /* 1: lifted */ uint8_t pad[7]; } ccd_ev_hook;
typedef struct ccd_ev_ring { ccd_event h; uint8_t pattern; /* distinctive ringing, 0: the usual */ uint8_t pad[7]; } ccd_ev_ring;
typedef struct ccd_ev_polarity { ccd_event h; uint8_t reversed; uint8_t pad[7]; } ccd_ev_polarity;
typedef struct ccd_ev_loop {
  ccd_event h;
  uint8_t has_loop;                              /* 1: current flows */
  uint8_t battery;                               /* 1: the exchange feeds the line */
  uint8_t pad[2];
  int32_t voltage_mv;                            /* tip to ring: about 48 V idle, a few volts off hook; INT32_MIN: not measured */
  int32_t current_ua;                            /* INT32_MIN: not measured */
  uint32_t reserved;
} ccd_ev_loop;
typedef struct ccd_ev_cas { ccd_event h; uint8_t bits, was; /* 0bABCD, Q.421 */ uint8_t pad[6]; } ccd_ev_cas;
typedef struct ccd_ev_flash { ccd_event h; uint32_t ms; uint32_t pad; } ccd_ev_flash;

typedef struct ccd_ev_digit {
  ccd_event h;
  uint8_t kind;                                  /* CCD_DIGIT_* */
  uint8_t digit;                                 /* ASCII 0-9 * # A-D */
  uint8_t edge;                                  /* 1 begin, 2 end, 3 whole */
  uint8_t pad;
  uint32_t ms;                                   /* how long it lasted, if known */
} ccd_ev_digit;
enum { CCD_DIGIT_DTMF = 1, CCD_DIGIT_MF_R1 = 2, CCD_DIGIT_R2_FORWARD = 3, CCD_DIGIT_R2_BACKWARD = 4, CCD_DIGIT_PULSE = 5 };

typedef struct ccd_ev_tone {
  ccd_event h;
  uint16_t tone;                                 /* CCD_TONE_* */
  uint8_t edge;                                  /* 1 began, 2 ended */
  uint8_t confidence;                            /* per cent */
  uint32_t ms;                                   /* how long it has lasted */
} ccd_ev_tone;
enum { CCD_TONE_NONE = 0, CCD_TONE_DIAL = 1, CCD_TONE_STUTTER = 2, CCD_TONE_RINGBACK = 3, CCD_TONE_BUSY = 4, CCD_TONE_CONGESTION = 5,
       CCD_TONE_SIT = 6, CCD_TONE_HOWLER = 7, CCD_TONE_CNG = 8, CCD_TONE_CED = 9, CCD_TONE_VOICE = 10, CCD_TONE_SILENCE = 11 };

typedef struct ccd_ev_caller_id {
  ccd_event h;
  char number[64]; char name[64];                /* "" when not known */
  uint8_t presentation;                          /* 0 shown, 1 withheld ("P"), 2 not available ("O") */
  uint8_t form;                                  /* CCD_CID_* */
  uint8_t pad[6];
} ccd_ev_caller_id;
enum { CCD_CID_BELL202 = 1, CCD_CID_V23 = 2, CCD_CID_DTMF = 3 };

typedef struct ccd_ev_hdlc {                     /* the frame's bytes follow, without flags and FCS, padded with zeros to a multiple of 8 */
  ccd_event h;
  uint32_t length;                               /* bytes of the frame */
  uint32_t error;                                /* 0; 1 bad FCS, 2 abort, 3 overrun: then length is 0 */
} ccd_ev_hdlc;

typedef struct ccd_ev_alarm { ccd_event h; uint32_t now, was; /* CCD_ALARM_* sets, debounced by the driver (2.5 s on, 10 s off).  In a replay both are the same */ } ccd_ev_alarm;
enum { CCD_ALARM_RED = 1, CCD_ALARM_YELLOW = 2, CCD_ALARM_BLUE = 4, CCD_ALARM_LOS = 8, CCD_ALARM_LOF = 16, CCD_ALARM_LOMF = 32,
       CCD_ALARM_LOOPBACK = 64, CCD_ALARM_RECOVERING = 128, CCD_ALARM_NO_BATTERY = 256, CCD_ALARM_HW = 512, CCD_ALARM_DISABLED = 1024 };

typedef struct ccd_ev_siglink { ccd_event h; uint32_t link; uint8_t up; uint8_t pad[3]; } ccd_ev_siglink;

typedef struct ccd_ev_blocked { ccd_event h; uint32_t now, was; /* CCD_BLOCK_* sets; none: it can be used.  In a replay both are the same */ } ccd_ev_blocked;
enum { CCD_BLOCK_LOCAL = 1 /* service(0) */, CCD_BLOCK_REMOTE = 2, CCD_BLOCK_LICENSE = 4, CCD_BLOCK_MAINTENANCE = 8 };

typedef struct ccd_ev_clock { ccd_event h; uint32_t source; /* 1 internal, 2 a span, 3 the bus */ uint32_t source_span; } ccd_ev_clock;
typedef struct ccd_ev_slip { ccd_event h; int64_t frames; /* since start: >0 repeated, <0 left out */ } ccd_ev_slip;
typedef struct ccd_ev_bus { ccd_event h; uint32_t domain; uint32_t clock_role; /* CCD_BUS_CLOCK_* */ } ccd_ev_bus;

typedef struct ccd_ev_device { ccd_event h; char uid[64]; char location[64]; } ccd_ev_device;

typedef struct ccd_ev_health {
  ccd_event h;
  int32_t temperature_mc;                        /* thousandths of a degree Celsius; INT32_MIN: not measured */
  uint32_t load_permille;                        /* of the board's own processor */
  char text[96];                                 /* for people; "" when well */
} ccd_ev_health;

typedef struct ccd_ev_fatal { ccd_event h; int64_t vendor_code; char text[96]; } ccd_ev_fatal;

typedef struct ccd_ev_lost { ccd_event h; uint64_t count; /* how many; 0: unknown */ } ccd_ev_lost;

typedef struct ccd_ev_endpoint {
  ccd_event h;
  char address[64];                              /* the endpoint's name, as used in ccd_make.via and ccd_ev_incoming.via */
  char contact[128];                             /* where it is now, for people to read */
  uint32_t expires_s;                            /* 0: until further notice */
  uint8_t up;                                    /* 1: can be reached, 0: gone */
  uint8_t pad[3];
} ccd_ev_endpoint;

/* ------------------------------------------------------------------ host services */

/* Given to create (for the driver) and to open (for the device); valid until destroy and close.  Members are never NULL up to extension. */
typedef struct ccd_host {
  uint32_t size; uint32_t abi;                   /* abi: the version both agreed on */
  void *ctx;                                     /* first argument of every function below */
  /* [any] Copies the event.  CCD_E_FULL: nothing was taken; post it again later with the same seq, or give it up and post LOST with that seq.
     CCD_E_ARG: it breaks the contract; it counts as posted.  CCD_E_STATE: not between the beginning of start and the return of stop; it does not count. */
  ccd_status (CCD_CALL *post)(void *ctx, const ccd_event *ev) CCD_NX;
  /* [any] Bounded; may be called in [media], where the text must be static.  level: 1 error, 2 warn, 3 info, 4 debug, 5 trace */
  void (CCD_CALL *log)(void *ctx, int32_t level, const char *target, const char *utf8) CCD_NX;
  int32_t (CCD_CALL *log_enabled)(void *ctx, int32_t level, const char *target) CCD_NX;    /* [any] 1: somebody reads it */
  uint64_t (CCD_CALL *now_ns)(void *ctx) CCD_NX;                                            /* [any] the only clock to stamp events with; never goes back */
  /* [control] A whole number, 0 or 1 for a truth value, or the length of a list, by path: "listen", "endpoints.0.port".
     CCD_E_GONE: not set; CCD_E_CONFIG: another type.  Besides the driver's own there may be "uid" and "name". */
  ccd_status (CCD_CALL *cfg_int)(void *ctx, const char *path, int64_t *out) CCD_NX;
  /* [control] A text, or a number with a fraction as text.  *need is its length with the NUL, also when it does not fit: CCD_E_ARG. */
  ccd_status (CCD_CALL *cfg_str)(void *ctx, const char *path, char *buf, size_t cap, size_t *need) CCD_NX;
  /* [any] A table of the host, or NULL for an unknown id; see "callcore.host.push/1". */
  const void *(CCD_CALL *extension)(void *ctx, const char *id) CCD_NX;
} ccd_host;

/* ------------------------------------------------------------------ inventory */

/* what a port physically is, never the signalling seen on it: an FXO port faces the exchange like a telephone, an FXS port faces a telephone */
enum { CCD_KIND_FXO = 1, CCD_KIND_FXS = 2, CCD_KIND_EM = 3, CCD_KIND_BEARER = 4, CCD_KIND_DCHAN = 5, CCD_KIND_VOIP = 6, CCD_KIND_GSM = 7,
       CCD_KIND_VOICE_RES = 8, CCD_KIND_CONF_RES = 9, CCD_KIND_FAX_RES = 10, CCD_KIND_TAP = 11 };
enum { CCD_SIG_NONE = 0, CCD_SIG_LOOP = 1, CCD_SIG_GROUND = 2, CCD_SIG_KEWL = 3, CCD_SIG_EM_WINK = 4, CCD_SIG_R2 = 5, CCD_SIG_CN1 = 6,
       CCD_SIG_RBS = 7, CCD_SIG_PRI_USER = 8, CCD_SIG_PRI_NET = 9, CCD_SIG_BRI = 10, CCD_SIG_SS7_ISUP = 11, CCD_SIG_SS7_TUP = 12,
       CCD_SIG_SIP = 13, CCD_SIG_SIM = 14 /* none of these, and simulators */ };
enum { CCD_LEVEL_CALL = 0 /* the driver runs the calls: callcore.call/1 */, CCD_LEVEL_LINE = 1 /* the host does: callcore.line/1 */ };
/* how a slot of the pool is written: G.711 as in RFC 3551; native-endian 16-bit linear at 8, 16 or 48 kHz; or the payload of a codec as RFC 3551
   and 7587 put it into RTP, which the host decodes only where it must.  G.729 and Opus slots begin with the length of the payload, 16 bits
   native-endian; 318 bytes of it at most.  Each channel has a format of its own: see ccd_tick.rx_format */
enum { CCD_LAW_A = 1, CCD_LAW_U = 2, CCD_L16 = 4, CCD_L16_16K = 8, CCD_L16_48K = 16, CCD_G722 = 32, CCD_G729 = 64, CCD_OPUS = 128 };
enum { CCD_PACED_BY_DRIVER = 1, CCD_PACED_BY_HOST = 2 };
enum { CCD_DEV_PUSHES = 1 };  /* the driver calls callcore.host.push/1; the host calls neither wait nor exchange */

typedef struct ccd_device_info {
  uint32_t size; uint32_t channels, spans;
  uint32_t paced_by;      /* CCD_PACED_BY_* */
  uint32_t clock_domain;  /* devices with the same number share one clock; 0: the host's own */
  uint32_t flags;         /* CCD_DEV_* */
  char uid[64];           /* stable and unique: a serial number */
  char location[64];      /* pci slot, usb path */
  char model[64]; char firmware[64];
} ccd_device_info;

typedef struct ccd_channel_info {
  uint32_t size; uint32_t kind, signalling;
  uint32_t span, timeslot; /* span from 0; timeslot as on the wire, 1..31 of an E1; 0 where there is none */
  uint32_t codecs;        /* set of the formats it can have; all channels of a device have A-law, mu-law or L16 in common */
  uint32_t law;           /* what it has on the wire; 0: negotiated per call */
  uint32_t bus_domain;    /* 0: no bus */
  uint64_t caps;          /* CCD_CAP(CCD_CAPB_*): what this channel does, now and in this configuration */
  uint32_t frame_min, frame_max, frame_pref; /* samples of 8 kHz; 160 must be among them; 0: any */
  uint32_t ec_tail_ms;    /* longest echo tail; 0: no echo canceller */
  uint32_t level;         /* CCD_LEVEL_* */
  uint32_t reserved;
} ccd_channel_info;
#define CCD_CAP(n) ((uint64_t)1 << (n))
enum { CCD_CAPB_OVERLAP_TX = 0,           /* call.digits after make with CCD_MAKE_OVERLAP */
       CCD_CAPB_OVERLAP_RX = 1,           /* INCOMING with complete = 0 */
       CCD_CAPB_EARLY_MEDIA_TX = 2,       /* the caller hears us before the answer: accept(PROGRESS) */
       CCD_CAPB_EARLY_MEDIA_RX = 3,       /* we hear the far end before the answer */
       CCD_CAPB_ANSWER_SUPERVISION = 4,   /* CONNECTED with CCD_SUP_SIGNALLED or CCD_SUP_LOOP */
       CCD_CAPB_DISCONNECT_SUPERVISION = 5, /* the far end's hang-up is signalled; without it the host needs a tone or silence policy */
       CCD_CAPB_CALLER_ID_RX = 6, CCD_CAPB_CALLER_ID_TX = 7, CCD_CAPB_FLASH = 8, CCD_CAPB_POLARITY = 9,
       CCD_CAPB_DTMF_RX = 10,             /* keys come as CCD_EV_DIGIT; without it the host listens */
       CCD_CAPB_DTMF_TX = 11,             /* line.send_digits; without it the host makes the tones */
       CCD_CAPB_MF = 12, CCD_CAPB_TONE_RX = 13, CCD_CAPB_TONE_TX = 14, CCD_CAPB_EC = 15, CCD_CAPB_GAIN = 16, CCD_CAPB_CPA = 17,
       CCD_CAPB_BUS = 18, CCD_CAPB_CONF = 19, CCD_CAPB_BOARD_PLAY = 20, CCD_CAPB_BOARD_RECORD = 21, CCD_CAPB_FAX = 22,
       CCD_CAPB_HOLD = 23, CCD_CAPB_TRANSFER = 24, CCD_CAPB_UUI = 25, CCD_CAPB_CHARGE = 26,
       CCD_CAPB_TAP_BUSSED = 27,          /* the host hears a channel that listens to the bus */
       CCD_CAPB_VOLTAGE = 28 };           /* CCD_EV_LOOP has the line's voltage */

/* ------------------------------------------------------------------ negotiation: frozen for ever, across major versions */

enum { CCD_OFFER_OUT_OF_PROCESS = 1, CCD_OFFER_VALIDATING = 2, CCD_OFFER_SCAN = 4 /* only look: start no hardware */ };
enum { CCD_ACCEPT_SINGLE = 2 /* one create at a time on this machine */ };
typedef struct ccd_offer {
  uint32_t size; uint32_t abi_min, abi_max; /* the versions the host speaks, both included */
  uint32_t flags;                           /* CCD_OFFER_* */
  const char *host_name; const char *host_version; const char *driver_path; /* never NULL */
} ccd_offer;
struct ccd_driver_vt;
typedef struct ccd_accept {
  uint32_t size; uint32_t abi;      /* in: room for this many bytes; out: bytes filled, the newest version that both speak */
  const char *id;                   /* reverse DNS: "org.callcore.sim" */
  const char *name; const char *vendor; const char *version;
  uint32_t flags;                   /* CCD_ACCEPT_* */
  uint32_t reserved;
  const struct ccd_driver_vt *vt;   /* static */
} ccd_accept;
/* [any] Called any number of times, also from several threads in turn; starts nothing.  CCD_E_ARG: a pointer is NULL, or one of the
   structs is shorter than here.  CCD_E_VERSION: nothing in common; abi is then the newest version that the driver speaks. */
CCD_EXPORT ccd_status CCD_CALL ccd_negotiate(const ccd_offer *offer, ccd_accept *accept) CCD_NX;
typedef ccd_status (CCD_CALL *ccd_negotiate_fn)(const ccd_offer *, ccd_accept *) CCD_NX;

typedef struct ccd_driver_vt {
  uint32_t size; uint32_t reserved;
  /* [control] Gives *drv.  host: for log, configuration and DEVICE_ADDED; the driver may keep the pointer until destroy returns.
     CCD_E_CONFIG naming the path of a wrong setting; CCD_E_BUSY: CCD_ACCEPT_SINGLE and it exists; CCD_E_LICENSE; CCD_E_IO. */
  ccd_status (CCD_CALL *create)(const ccd_host *host, void **drv, ccd_error *err) CCD_NX;
  /* [control] (created) All devices are closed.  Returns with every thread joined and every file closed. */
  void (CCD_CALL *destroy)(void *drv) CCD_NX;
  /* [control] (created) Device number index; CCD_E_END after the last.  Index 0 looks anew. */
  ccd_status (CCD_CALL *enumerate)(void *drv, uint32_t index, ccd_device_info *out) CCD_NX;
  /* [control] (created) Opens a device by uid and gives *dev.  host: for this device, until close returns.
     CCD_E_GONE: no such uid; CCD_E_BUSY: open already; CCD_E_CONFIG; CCD_E_IO. */
  ccd_status (CCD_CALL *open)(void *drv, const char *uid, const ccd_host *host, void **dev, ccd_error *err) CCD_NX;
  /* [control] (open) Stops it if it is started. */
  void (CCD_CALL *close)(void *dev) CCD_NX;
  /* [any] (created) The table of an extension, for all devices: the same pointer each time, valid for ever.  NULL for any other text. */
  const void *(CCD_CALL *extension)(void *drv, const char *id) CCD_NX;
  /* [any] Static JSON Schema of the device's configuration, or NULL.  May be NULL. */
  const char *(CCD_CALL *config_schema)(void) CCD_NX;
} ccd_driver_vt;

/* ------------------------------------------------------------------ "callcore.device/1": required */

typedef struct ccd_media_setup { /* the pool is the host's: page-aligned and touched, valid until stop returns */
  uint32_t size;
  uint32_t frame_samples;        /* of 8 kHz, whatever the format: 160 are 20 ms */
  uint32_t depth;                /* frames in the ring, power of two */
  uint32_t stride;               /* bytes per channel per frame, multiple of 64; room for each format of each channel */
  uint32_t channels;
  uint32_t codec;                /* the pool's own format, CCD_LAW_A, CCD_LAW_U or CCD_L16: a channel's until its driver says another */
  void *base; uint64_t bytes; uint64_t rx_off, tx_off;
  int64_t pool_fd;               /* memfd for a helper process, or -1 */
} ccd_media_setup;
/* bytes of frame f, channel c:  base + rx_off + ((f & (depth-1)) * channels + c) * stride   (tx_off likewise) */

typedef struct ccd_device_vt {
  uint32_t size; uint32_t reserved;
  /* [any] (open) What channel ch is; the same until close.  CCD_E_ARG past the last. */
  ccd_status (CCD_CALL *channel)(void *dev, ccd_chan ch, ccd_channel_info *out) CCD_NX;
  /* [control] (open) Traffic begins, with no calls and every channel in service.  m is borrowed for the call, the pool until stop returns.  Its codec is one that
     all channels have in common, its frame_samples what each takes; anything else is CCD_E_ARG.  CCD_E_STATE: started already; CCD_E_IO. */
  ccd_status (CCD_CALL *start)(void *dev, const ccd_media_setup *m, ccd_error *err) CCD_NX;
  /* [control] (started) Ends all calls and traffic; after it returns the driver does not call the host for this device.
     Neither RELEASED of its calls nor DONE of its commands is wanted any more. */
  ccd_status (CCD_CALL *stop)(void *dev) CCD_NX;
  /* command [control] (started) Takes a channel into (1) or out of (0) service; a call on it goes on, a new one is refused.  BLOCKED follows if that changed anything. */
  ccd_status (CCD_CALL *service)(void *dev, ccd_chan ch, int32_t in_service, ccd_req req) CCD_NX;
  /* command [control] (started) Posts the present state again before its DONE.  Of a channel: INCOMING, DIALING, ALERTING, CONNECTED (then HELD) or
     DISCONNECTED, whichever its call is at; nothing when it has no call.  CCD_NO_CHAN: what belongs to no call: ENDPOINT of each that is there, ALARM of each span and
     channel that has one, BLOCKED of each channel that is blocked. */
  ccd_status (CCD_CALL *replay)(void *dev, ccd_chan ch, ccd_req req) CCD_NX;
  /* [control] (open) Counters as a JSON object.  *need is its length with the NUL; CCD_E_ARG when cap is too small. */
  ccd_status (CCD_CALL *stats)(void *dev, char *json, size_t cap, size_t *need) CCD_NX;
} ccd_device_vt;

/* ------------------------------------------------------------------ "callcore.call/1": signalling in the driver */

enum { CCD_MAKE_OVERLAP = 1 /* more digits follow with call.digits */, CCD_MAKE_EXCLUSIVE = 2 /* this channel or none */ };
typedef struct ccd_make {
  uint32_t size; uint32_t flags;    /* CCD_MAKE_* */
  const char *called; const char *calling; const char *name; /* never NULL; calling and name may be "", called too if via tells it all */
  const char *via;                  /* endpoint or trunk of the device to leave by; NULL or "": the channel's own line */
  uint32_t ton_npi;                 /* of called: type of number * 16 + plan, Q.931 4.5.8; 0 unknown */
  uint32_t presentation;            /* of calling: 0 allowed, 1 restricted */
  uint32_t timeout_ms;              /* give up when not answered by then, with #19; 0: never */
  uint32_t reserved;
  const char *json;                 /* raw extras or NULL */
} ccd_make;
enum { CCD_STEP_SETUP_ACK = 1, CCD_STEP_PROCEEDING = 2, CCD_STEP_ALERTING = 3, CCD_STEP_PROGRESS = 4 /* with in-band audio */ };
typedef struct ccd_call_vt { /* commands, all [control] (started) */
  uint32_t size; uint32_t reserved;
  /* Calls out on a channel; call is even and new.  CCD_E_BUSY: the channel has a call; CCD_E_STATE: it is out of service; CCD_E_GLARE;
     CCD_E_GONE: via is not there. */
  ccd_status (CCD_CALL *make)(void *dev, ccd_chan ch, ccd_call call, const ccd_make *m, ccd_req req) CCD_NX;
  /* More digits of an overlap call, at least one unless complete.  complete: 1 with the last. */
  ccd_status (CCD_CALL *digits)(void *dev, ccd_call call, const char *more, int32_t complete, ccd_req req) CCD_NX;
  /* Tells the caller of an incoming call how far it is, CCD_STEP_*; steps may be left out.  CCD_E_STATE: it is past that. */
  ccd_status (CCD_CALL *accept)(void *dev, ccd_call call, int32_t step, ccd_req req) CCD_NX;
  /* Answers an incoming call; CONNECTED follows.  CCD_E_STATE: answered or cleared already. */
  ccd_status (CCD_CALL *answer)(void *dev, ccd_call call, ccd_req req) CCD_NX;
  /* Clears a call in any state with a Q.850 cause (outside 1..127: 16); RELEASED follows.  A second drop is accepted or CCD_E_GONE. */
  ccd_status (CCD_CALL *drop)(void *dev, ccd_call call, uint16_t q850, ccd_req req) CCD_NX;
  /* Puts the far end on hold (1) or takes it back (0).  CCD_E_STATE: not connected. */
  ccd_status (CCD_CALL *hold)(void *dev, ccd_call call, int32_t on, ccd_req req) CCD_NX;
  /* Transfers to another connected call of this device, or to an address when other is 0.  RELEASED of both follows when it has worked. */
  ccd_status (CCD_CALL *transfer)(void *dev, ccd_call call, ccd_call other, const char *to, ccd_req req) CCD_NX;
  /* What only one protocol has, as JSON in the driver's own words. */
  ccd_status (CCD_CALL *raw)(void *dev, ccd_call call, const char *json, ccd_req req) CCD_NX;
} ccd_call_vt;

/* ------------------------------------------------------------------ "callcore.line/1": signalling in the host */

enum { CCD_HOOK_OFF = 1, CCD_HOOK_ON = 2, CCD_HOOK_FLASH = 3, CCD_HOOK_WINK = 4, CCD_HOOK_START = 5 /* ground start */ };
typedef struct ccd_caller_id {
  uint32_t size; uint32_t presentation;          /* as in ccd_ev_caller_id */
  const char *number; const char *name;          /* never NULL */
  const char *time;                              /* "MMDDhhmm" local time, or NULL: now, by the board's clock */
} ccd_caller_id;
/* line.detect: what the board is to listen for */
enum { CCD_DETECT_DTMF = 1, CCD_DETECT_MF = 2, CCD_DETECT_PULSE = 4, CCD_DETECT_TONE = 8, CCD_DETECT_FAX = 16, CCD_DETECT_VOICE = 32,
       CCD_DETECT_CALLER_ID = 64, CCD_DETECT_VOLTAGE = 128 };
/* line.tune: key and unit of value */
enum { CCD_TUNE_GAIN_RX = 1 /* 0.1 dB */, CCD_TUNE_GAIN_TX = 2 /* 0.1 dB */, CCD_TUNE_EC = 3 /* 0 off, 1 on, 2 on without NLP */, CCD_TUNE_AGC = 4 /* 0, 1 */,
       CCD_TUNE_IMPEDANCE = 5 /* ohm */, CCD_TUNE_RING_HZ = 6, CCD_TUNE_CID_FORM = 7 /* CCD_CID_* */ };
typedef struct ccd_line_vt { /* commands, all [control] (started) */
  uint32_t size; uint32_t reserved;
  /* CCD_HOOK_*: FXO.  ms: of a flash or wink; 0: the line's usual. */
  ccd_status (CCD_CALL *hook)(void *dev, ccd_chan ch, int32_t op, uint32_t ms, ccd_req req) CCD_NX;
  /* FXS: rings with on, off, on, off ... milliseconds, repeated, until the telephone is lifted (HOOK) or n is 0.
     id: sent in the first silence, or NULL; borrowed for the call. */
  ccd_status (CCD_CALL *ring)(void *dev, ccd_chan ch, const uint16_t *cadence_ms, uint32_t n, const ccd_caller_id *id, ccd_req req) CCD_NX;
  /* FXS: reverses the line (1) or puts it back (0). */
  ccd_status (CCD_CALL *polarity)(void *dev, ccd_chan ch, int32_t reversed, ccd_req req) CCD_NX;
  /* Sets the transmitted signalling bits, 0bABCD. */
  ccd_status (CCD_CALL *cas)(void *dev, ccd_chan ch, uint32_t abcd, ccd_req req) CCD_NX;
  /* Sends digits (CCD_DIGIT_*), on_ms and off_ms each; 0: the line's usual.  DONE when they are out (so within 5 s of the time that all that wait on the channel
     take), or on their way where nobody can know that; with CCD_E_GONE when the call ends before.  CCD_E_FULL: too many are waiting; CCD_E_STATE: nothing is
     connected there.  A call-level driver may offer this function alone. */
  ccd_status (CCD_CALL *send_digits)(void *dev, ccd_chan ch, int32_t kind, const char *digits, uint32_t on_ms, uint32_t off_ms, ccd_req req) CCD_NX;
  /* A tone of the board, CCD_TONE_*; CCD_TONE_NONE ends it. */
  ccd_status (CCD_CALL *send_tone)(void *dev, ccd_chan ch, int32_t tone, ccd_req req) CCD_NX;
  /* The set of CCD_DETECT_* to run; replaces the set before. */
  ccd_status (CCD_CALL *detect)(void *dev, ccd_chan ch, uint64_t what, ccd_req req) CCD_NX;
  /* CCD_TUNE_*.  CCD_E_ARG: a value that cannot be. */
  ccd_status (CCD_CALL *tune)(void *dev, ccd_chan ch, int32_t key, int64_t value, ccd_req req) CCD_NX;
} ccd_line_vt;

/* ------------------------------------------------------------------ "callcore.media/1" */

typedef struct ccd_tick {
  uint32_t size; uint32_t words;  /* 64-bit words in each set */
  uint64_t frame;                 /* its number; a jump means that frames were left out */
  uint64_t t_ns;                  /* the host's time of it */
  uint32_t flags;
  uint32_t late;                  /* deadlines missed just before */
  const uint64_t *active;         /* host: channels that are on */
  const uint64_t *tx_valid;       /* host: has audio; else send idle or nothing */
  uint64_t *rx_valid;             /* driver: got audio, silence too; else the host conceals.  All zero when the driver gets it */
  /* A byte for each channel, CCD_LAW_A to CCD_OPUS.  Either may be NULL. */
  uint8_t *rx_format;             /* driver: how rx of this frame is written, and how it wants tx from the next frame on; 0: the pool's own
                                     format.  The host zeroes it at start and leaves it alone: what is said stays said */
  const uint8_t *tx_format;       /* host: how tx of this frame is written; a driver that wants another by now sends nothing of it */
} ccd_tick;
typedef struct ccd_media_vt {
  uint32_t size; uint32_t reserved;
  /* command [control] (started) Switches a channel's sound; `active` follows it.  May be NULL: then `active` alone says what is on. */
  ccd_status (CCD_CALL *enable)(void *dev, ccd_chan ch, int32_t on, ccd_req req) CCD_NX;
  /* [media] (started) Only CCD_PACED_BY_DRIVER: sleeps to the next frame.  CCD_E_TIMEOUT: none came; CCD_E_GONE. */
  ccd_status (CCD_CALL *wait)(void *dev, uint32_t timeout_us) CCD_NX;
  /* [control] (started) Only CCD_PACED_BY_DRIVER: a descriptor that is readable at each frame, or -1.  May be NULL. */
  int64_t (CCD_CALL *tick_fd)(void *dev) CCD_NX;
  /* [media] (started) Once for each frame, all channels: fill rx of frame t->frame and set rx_valid, send tx of frame t->frame.
     Touches the slots of active channels only. */
  ccd_status (CCD_CALL *exchange)(void *dev, ccd_tick *t) CCD_NX;
} ccd_media_vt;

/* host side, for boards whose library has an audio thread of its own: "callcore.host.push/1" of the device's host table, for a device with CCD_DEV_PUSHES */
typedef struct ccd_push_vt {
  uint32_t size; uint32_t reserved;
  /* (started) By one thread of the driver at a time, once for each frame, the other way round: before the call the driver has filled rx of frame t->frame and rx_valid;
     after it tx and tx_valid are the host's.  The driver owns the three sets and keeps active by enable.  ctx: of the device's host table. */
  ccd_status (CCD_CALL *frame)(void *ctx, ccd_tick *t) CCD_NX;
} ccd_push_vt;

/* ------------------------------------------------------------------ "callcore.bus/1": sound that never touches the host */

typedef struct ccd_bus_addr { uint32_t domain; uint16_t stream, slot; } ccd_bus_addr;
enum { CCD_BUS_ONBOARD = 1, CCD_BUS_SCBUS = 2, CCD_BUS_H100 = 3, CCD_BUS_H110 = 4, CCD_BUS_MVIP = 5 };
enum { CCD_BUS_CLOCK_NONE = 0, CCD_BUS_CLOCK_SLAVE = 1, CCD_BUS_CLOCK_PRIMARY = 2, CCD_BUS_CLOCK_SECONDARY = 3 };
typedef struct ccd_bus_info {
  uint32_t size; uint32_t kind;   /* CCD_BUS_* */
  uint32_t domain; uint32_t streams, slots;
  uint32_t clock_role;            /* CCD_BUS_CLOCK_* */
  uint32_t sum_max;               /* sources per listener, 1 = no mixing */
  uint32_t flags;
} ccd_bus_info;
typedef struct ccd_bus_vt {
  uint32_t size; uint32_t reserved;
  /* [control] (open) */
  ccd_status (CCD_CALL *info)(void *dev, ccd_bus_info *out) CCD_NX;
  /* [control] (open) Where ch talks; fixed while it is open. */
  ccd_status (CCD_CALL *source)(void *dev, ccd_chan ch, ccd_bus_addr *out) CCD_NX;
  /* commands [control] (started): what ch hears.  In any order, any number of times; the last counts.  gain_cb: 0.1 dB. */
  ccd_status (CCD_CALL *listen)(void *dev, ccd_chan ch, const ccd_bus_addr *from, int32_t gain_cb, ccd_req req) CCD_NX;
  ccd_status (CCD_CALL *unlisten)(void *dev, ccd_chan ch, ccd_req req) CCD_NX;
  /* command [control] (started) CCD_BUS_CLOCK_*; reference: the span a primary takes its clock from. */
  ccd_status (CCD_CALL *clock)(void *dev, uint32_t role, uint32_t reference, ccd_req req) CCD_NX;
} ccd_bus_vt;

#ifdef __cplusplus
}
#endif
#endif
