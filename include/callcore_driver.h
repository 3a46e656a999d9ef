/* callcore_driver.h - what a telephony board's driver implements.  ABI 1.0
 *
 * One exported symbol, ccd_negotiate.  Everything else hangs off ccd_accept.vt:
 *
 *   library (.so) -- ccd_negotiate -- driver (create/destroy) -- device (open/close, uid) -- channel 0..n-1 -- call (u64)
 *
 * Life of a device:  enumerate, open, (channel infos, extensions), start(media pool), traffic, stop, close.
 * When stop returns, no thread of the driver touches the host for this device; when destroy returns, all its threads are joined.
 *
 * Order of call events (each may be missing except the last):
 *   outgoing  DIALING PROCEEDING PROGRESS* ALERTING CONNECTED (HELD RETRIEVED)* DISCONNECTED RELEASED
 *   incoming  INCOMING CALL_INFO* CONNECTED (HELD RETRIEVED)* DISCONNECTED RELEASED
 * RELEASED comes exactly once and last, also after drop and after DEVICE_REMOVED.  A channel takes no new make before it.
 *
 * Threads: [control] serialised per device by the host, may take up to 2 s; [media] one at a time per device, real time: no
 * allocation, no lock shared with other threads, no blocking; [any] any thread at any time.  Host functions only copy: they never
 * call back into the driver.
 *
 * Strings are UTF-8 and NUL-terminated; strings in are borrowed for the call; digits are ASCII 0-9 * # A-D.
 * Every struct starts with its size.  Minor versions append members; CCD_HAS tells whether the other side knows one.
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
typedef uint64_t ccd_call;   /* even: made by the host, odd: made by the driver; never reused while the device is open; 0 is none */
typedef uint64_t ccd_req;    /* made by the host; echoed once, in CCD_EV_DONE; 0: no DONE is wanted */
#define CCD_NO_CHAN 0xFFFFFFFFu

enum { CCD_OK = 0, CCD_E_ARG = -1, CCD_E_STATE = -2, CCD_E_UNSUPPORTED = -3, CCD_E_BUSY = -4,
       CCD_E_GLARE = -5, CCD_E_GONE = -6, CCD_E_NOMEM = -7, CCD_E_IO = -8, CCD_E_TIMEOUT = -9,
       CCD_E_FULL = -10, CCD_E_END = -11, CCD_E_VERSION = -12, CCD_E_CONFIG = -13,
       CCD_E_LICENSE = -14, CCD_E_CLOCK = -15, CCD_E_BUS = -16, CCD_E_INTERNAL = -99 };

typedef struct ccd_error { uint32_t size; ccd_status code; int64_t vendor_code; char text[240]; } ccd_error;

/* ------------------------------------------------------------------ events: flat, no pointers */

typedef struct ccd_event { /* header; the payload follows; copied as `size` bytes */
  uint32_t size;           /* whole event, multiple of 8, at most CCD_EVENT_MAX */
  uint16_t type;           /* CCD_EV_* */
  uint16_t flags;          /* 0 */
  uint64_t t_ns;           /* host->now_ns() when the wire event was seen */
  uint64_t seq;            /* per device, from 1, +1 each; a gap means loss */
  ccd_chan chan;           /* CCD_NO_CHAN for span and device events */
  uint32_t span;
  ccd_call call;           /* 0 = none */
  ccd_req  req;            /* only CCD_EV_DONE */
} ccd_event;
#define CCD_EVENT_MAX 4096u

enum { CCD_EV_DONE = 1,          /* ccd_ev_done: an accepted command has completed */
       /* call level */
       CCD_EV_INCOMING = 16,     /* ccd_ev_incoming */
       CCD_EV_CALL_INFO = 17,    /* ccd_ev_incoming: more of it (caller id, overlap digits) */
       CCD_EV_DIALING = 18, CCD_EV_PROCEEDING = 19,
       CCD_EV_PROGRESS = 20,     /* ccd_ev_progress */
       CCD_EV_ALERTING = 21,     /* ccd_ev_progress */
       CCD_EV_CONNECTED = 22,    /* ccd_ev_connected */
       CCD_EV_DISCONNECTED = 23, /* ccd_ev_disconnected: the far end is gone; the host drops, then RELEASED follows */
       CCD_EV_RELEASED = 24,     /* ccd_ev_disconnected: the call id is dead, the channel idle */
       CCD_EV_HELD = 25, CCD_EV_RETRIEVED = 26, /* the far end put us on hold, and back */
       CCD_EV_TRANSFERRED = 27, CCD_EV_CHARGE = 28, CCD_EV_RAW_IE = 29, CCD_EV_CPA = 30,
       /* line level */
       CCD_EV_HOOK = 48, CCD_EV_RING_ON = 49, CCD_EV_RING_OFF = 50, CCD_EV_POLARITY = 51, CCD_EV_LOOP = 52, CCD_EV_CAS_BITS = 53,
       CCD_EV_FLASH = 54,
       CCD_EV_DIGIT = 55,        /* ccd_ev_digit */
       CCD_EV_TONE = 56, CCD_EV_CALLER_ID = 57, CCD_EV_HDLC = 58, CCD_EV_FAX_TONE = 59,
       /* span, device */
       CCD_EV_ALARM = 80,        /* ccd_ev_alarm */
       CCD_EV_SIGLINK = 81, CCD_EV_BLOCKED = 82, CCD_EV_CLOCK = 83, CCD_EV_SLIP = 84, CCD_EV_BUS = 85,
       CCD_EV_DEVICE_ADDED = 96, CCD_EV_DEVICE_REMOVED = 97, CCD_EV_CHANGED = 98, CCD_EV_HEALTH = 99, CCD_EV_FATAL = 100,
       CCD_EV_LOST = 101,        /* ccd_ev_lost: events were lost; the host replays its channels */
       CCD_EV_ENDPOINT = 102     /* ccd_ev_endpoint: a phone or trunk registered with the driver came or went */ };

typedef struct ccd_ev_done { ccd_event h; ccd_status status; uint16_t cause; uint16_t pad; int64_t vendor_code; char text[96]; } ccd_ev_done;

typedef struct ccd_ev_incoming {
  ccd_event h;
  char called[64]; char calling[64]; char name[64]; char redirecting[64];
  char via[64];                                  /* endpoint or trunk of the device it came by, as in its configuration; "" if none */
  uint8_t ton, npi, presentation, screening;     /* Q.931 4.5.10 */
  uint8_t complete;                              /* 0: overlap, more digits may come */
  uint8_t bearer, category, pad;
  uint32_t json_off, json_len;                   /* the rest, as JSON inside this event; 0: none */
} ccd_ev_incoming;

typedef struct ccd_ev_progress { ccd_event h; uint8_t inband; /* 1: audio may be heard now */ uint8_t pad[7]; } ccd_ev_progress;

typedef struct ccd_ev_connected {
  ccd_event h;
  uint8_t supervision;                           /* CCD_SUP_* */
  uint8_t inband_digits;                         /* 1: on this call keys come and go as audio only, whatever CCD_CAPB_DTMF_* say */
  uint8_t pad[6];
  char connected[64];
} ccd_ev_connected;
enum { CCD_SUP_SIGNALLED = 1, CCD_SUP_LOOP = 2, CCD_SUP_INFERRED = 3, CCD_SUP_ASSUMED = 4 };

typedef struct ccd_ev_disconnected {
  ccd_event h;
  uint16_t q850;                                 /* 1..127 */
  uint8_t location;                              /* Q.850 location */
  uint8_t how;                                   /* CCD_HOW_* */
  uint8_t inband;                                /* 1: there is still something to hear until drop */
  uint8_t pad[3];
  int64_t vendor_code;                           /* a SIP status, a board's reason; 0: none */
} ccd_ev_disconnected;
enum { CCD_HOW_SIGNALLED = 1, CCD_HOW_LOOP = 2, CCD_HOW_TONE = 3, CCD_HOW_SILENCE = 4, CCD_HOW_ALARM = 5, CCD_HOW_GLARE = 6 };

typedef struct ccd_ev_digit {
  ccd_event h;
  uint8_t kind;                                  /* CCD_DIGIT_* */
  uint8_t digit;                                 /* ASCII 0-9 * # A-D */
  uint8_t edge;                                  /* 1 begin, 2 end, 3 whole */
  uint8_t pad;
  uint32_t ms;                                   /* how long it lasted, if known */
} ccd_ev_digit;
enum { CCD_DIGIT_DTMF = 1, CCD_DIGIT_MF_R1 = 2, CCD_DIGIT_R2_FORWARD = 3, CCD_DIGIT_R2_BACKWARD = 4, CCD_DIGIT_PULSE = 5 };

typedef struct ccd_ev_alarm { ccd_event h; uint32_t now, was; /* CCD_ALARM_* sets, debounced by the driver */ } ccd_ev_alarm;
enum { CCD_ALARM_RED = 1, CCD_ALARM_YELLOW = 2, CCD_ALARM_BLUE = 4, CCD_ALARM_LOS = 8, CCD_ALARM_LOF = 16, CCD_ALARM_LOMF = 32,
       CCD_ALARM_LOOPBACK = 64, CCD_ALARM_RECOVERING = 128, CCD_ALARM_NO_BATTERY = 256, CCD_ALARM_HW = 512, CCD_ALARM_DISABLED = 1024 };

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

typedef struct ccd_host {
  uint32_t size; uint32_t abi;
  void *ctx;                                                                  /* first argument of every function below */
  ccd_status (CCD_CALL *post)(void *ctx, const ccd_event *ev) CCD_NX;                /* [any] copies; never blocks; CCD_E_FULL: try again or report LOST */
  void (CCD_CALL *log)(void *ctx, int32_t level, const char *target, const char *utf8) CCD_NX;  /* [any] bounded; 1 error .. 5 trace */
  int32_t (CCD_CALL *log_enabled)(void *ctx, int32_t level, const char *target) CCD_NX;         /* [any] */
  uint64_t (CCD_CALL *now_ns)(void *ctx) CCD_NX;                                     /* [any] the only clock a driver may stamp with */
  /* Configuration by path: "listen", "endpoints.0.address".  cfg_int of a list is its length.  CCD_E_GONE: not set;
     CCD_E_CONFIG: another type.  cfg_str: *need is the length with the NUL; CCD_E_ARG when cap is too small. */
  ccd_status (CCD_CALL *cfg_int)(void *ctx, const char *path, int64_t *out) CCD_NX;  /* [control] */
  ccd_status (CCD_CALL *cfg_str)(void *ctx, const char *path, char *buf, size_t cap, size_t *need) CCD_NX; /* [control] */
  const void *(CCD_CALL *extension)(void *ctx, const char *id) CCD_NX;               /* [any] NULL for unknown */
} ccd_host;

/* ------------------------------------------------------------------ inventory */

enum { CCD_KIND_FXO = 1, CCD_KIND_FXS = 2, CCD_KIND_EM = 3, CCD_KIND_BEARER = 4, CCD_KIND_DCHAN = 5, CCD_KIND_VOIP = 6, CCD_KIND_GSM = 7,
       CCD_KIND_VOICE_RES = 8, CCD_KIND_CONF_RES = 9, CCD_KIND_FAX_RES = 10, CCD_KIND_TAP = 11 };
enum { CCD_SIG_NONE = 0, CCD_SIG_LOOP = 1, CCD_SIG_GROUND = 2, CCD_SIG_KEWL = 3, CCD_SIG_EM_WINK = 4, CCD_SIG_R2 = 5, CCD_SIG_CN1 = 6,
       CCD_SIG_RBS = 7, CCD_SIG_PRI_USER = 8, CCD_SIG_PRI_NET = 9, CCD_SIG_BRI = 10, CCD_SIG_SS7_ISUP = 11, CCD_SIG_SS7_TUP = 12,
       CCD_SIG_SIP = 13, CCD_SIG_SIM = 14 };
/* how a slot of the pool is written: G.711 as in RFC 3551; native-endian 16-bit linear at 8, 16 or 48 kHz; or the payload of a codec as RFC 3551
   and 7587 put it into RTP, which the host decodes only where it must. G.729 and Opus slots begin with the length of the payload, 16 bits
   native-endian; 318 bytes of it at most. Each channel has a format of its own: see ccd_tick.rx_format */
enum { CCD_LAW_A = 1, CCD_LAW_U = 2, CCD_L16 = 4, CCD_L16_16K = 8, CCD_L16_48K = 16, CCD_G722 = 32, CCD_G729 = 64, CCD_OPUS = 128 };
enum { CCD_PACED_BY_DRIVER = 1, CCD_PACED_BY_HOST = 2 };

typedef struct ccd_device_info {
  uint32_t size; uint32_t channels, spans;
  uint32_t paced_by;      /* CCD_PACED_BY_* */
  uint32_t clock_domain;  /* devices with the same number share one clock; 0: the host's own */
  uint32_t flags;
  char uid[64];           /* stable: a serial number */
  char location[64];      /* pci slot, usb path */
  char model[64]; char firmware[64];
} ccd_device_info;

typedef struct ccd_channel_info {
  uint32_t size; uint32_t kind, signalling; uint32_t span, timeslot;
  uint32_t codecs;        /* set of the formats it can have; the pool's own is one that all channels have in common, linear if it can be */
  uint32_t law;           /* what it has on the wire; 0: negotiated per call */
  uint32_t bus_domain;    /* 0: no bus */
  uint64_t caps;          /* CCD_CAP(CCD_CAPB_*) */
  uint32_t frame_min, frame_max, frame_pref; /* samples */
  uint32_t ec_tail_ms; uint32_t reserved[2];
} ccd_channel_info;
#define CCD_CAP(n) ((uint64_t)1 << (n))
enum { CCD_CAPB_OVERLAP_TX = 0, CCD_CAPB_OVERLAP_RX = 1, CCD_CAPB_EARLY_MEDIA_TX = 2, CCD_CAPB_EARLY_MEDIA_RX = 3,
       CCD_CAPB_ANSWER_SUPERVISION = 4, CCD_CAPB_DISCONNECT_SUPERVISION = 5, CCD_CAPB_CALLER_ID_RX = 6, CCD_CAPB_CALLER_ID_TX = 7,
       CCD_CAPB_FLASH = 8, CCD_CAPB_POLARITY = 9, CCD_CAPB_DTMF_RX = 10, CCD_CAPB_DTMF_TX = 11, CCD_CAPB_MF = 12, CCD_CAPB_TONE_RX = 13,
       CCD_CAPB_TONE_TX = 14, CCD_CAPB_EC = 15, CCD_CAPB_GAIN = 16, CCD_CAPB_CPA = 17, CCD_CAPB_BUS = 18, CCD_CAPB_CONF = 19,
       CCD_CAPB_BOARD_PLAY = 20, CCD_CAPB_BOARD_RECORD = 21, CCD_CAPB_FAX = 22, CCD_CAPB_HOLD = 23, CCD_CAPB_TRANSFER = 24,
       CCD_CAPB_UUI = 25, CCD_CAPB_CHARGE = 26, CCD_CAPB_TAP_BUSSED = 27 };

/* ------------------------------------------------------------------ negotiation: frozen for ever */

typedef struct ccd_offer {
  uint32_t size; uint32_t abi_min, abi_max;
  uint32_t flags; /* 1 out of process, 2 validating, 4 scan only: start no hardware */
  const char *host_name; const char *host_version; const char *driver_path;
} ccd_offer;
struct ccd_driver_vt;
typedef struct ccd_accept {
  uint32_t size; uint32_t abi;      /* in: room for this many bytes; out: bytes filled, the chosen version */
  const char *id;                   /* reverse DNS: "org.callcore.sim" */
  const char *name; const char *vendor; const char *version;
  uint32_t flags;                   /* 2: one instance per machine */
  uint32_t reserved;
  const struct ccd_driver_vt *vt;
} ccd_accept;
CCD_EXPORT ccd_status CCD_CALL ccd_negotiate(const ccd_offer *offer, ccd_accept *accept) CCD_NX;
typedef ccd_status (CCD_CALL *ccd_negotiate_fn)(const ccd_offer *, ccd_accept *) CCD_NX;

typedef struct ccd_driver_vt {
  uint32_t size; uint32_t reserved;
  ccd_status (CCD_CALL *create)(const ccd_host *host, void **drv, ccd_error *err) CCD_NX;             /* [control] */
  void (CCD_CALL *destroy)(void *drv) CCD_NX;                                                         /* [control] every thread joined */
  ccd_status (CCD_CALL *enumerate)(void *drv, uint32_t index, ccd_device_info *out) CCD_NX;           /* [control] CCD_E_END after the last */
  ccd_status (CCD_CALL *open)(void *drv, const char *uid, const ccd_host *host, void **dev, ccd_error *err) CCD_NX; /* [control] */
  void (CCD_CALL *close)(void *dev) CCD_NX;                                                           /* [control] */
  const void *(CCD_CALL *extension)(void *drv, const char *id) CCD_NX;                                /* [any] NULL for unknown */
  const char *(CCD_CALL *config_schema)(void) CCD_NX;                                                 /* [any] static JSON Schema */
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
  ccd_status (CCD_CALL *channel)(void *dev, ccd_chan ch, ccd_channel_info *out) CCD_NX;               /* [any] */
  ccd_status (CCD_CALL *start)(void *dev, const ccd_media_setup *m, ccd_error *err) CCD_NX;           /* [control] */
  ccd_status (CCD_CALL *stop)(void *dev) CCD_NX;                                                      /* [control] after return: silence */
  ccd_status (CCD_CALL *service)(void *dev, ccd_chan ch, int32_t in_service, ccd_req req) CCD_NX;     /* [control] */
  ccd_status (CCD_CALL *replay)(void *dev, ccd_chan ch, ccd_req req) CCD_NX;                          /* [control] re-post the present state, then DONE */
  ccd_status (CCD_CALL *stats)(void *dev, char *json, size_t cap, size_t *need) CCD_NX;               /* [control] */
} ccd_device_vt;

/* ------------------------------------------------------------------ "callcore.call/1": signalling in the driver */

typedef struct ccd_make {
  uint32_t size; uint32_t flags;    /* 1 overlap, 2 exclusive channel */
  const char *called; const char *calling; const char *name;
  const char *via;                  /* endpoint or trunk of the device to leave by; NULL: the channel's own line */
  uint32_t ton_npi; uint32_t presentation; uint32_t timeout_ms; uint32_t reserved;
  const char *json;                 /* raw extras or NULL */
} ccd_make;
enum { CCD_STEP_SETUP_ACK = 1, CCD_STEP_PROCEEDING = 2, CCD_STEP_ALERTING = 3, CCD_STEP_PROGRESS = 4 /* with in-band audio */ };
typedef struct ccd_call_vt {
  uint32_t size; uint32_t reserved;
  ccd_status (CCD_CALL *make)(void *dev, ccd_chan ch, ccd_call call, const ccd_make *m, ccd_req req) CCD_NX; /* all [control] */
  ccd_status (CCD_CALL *digits)(void *dev, ccd_call call, const char *more, int32_t complete, ccd_req req) CCD_NX;
  ccd_status (CCD_CALL *accept)(void *dev, ccd_call call, int32_t step, ccd_req req) CCD_NX;  /* CCD_STEP_* */
  ccd_status (CCD_CALL *answer)(void *dev, ccd_call call, ccd_req req) CCD_NX;
  ccd_status (CCD_CALL *drop)(void *dev, ccd_call call, uint16_t q850, ccd_req req) CCD_NX;   /* in any state; always ends in RELEASED */
  ccd_status (CCD_CALL *hold)(void *dev, ccd_call call, int32_t on, ccd_req req) CCD_NX;
  ccd_status (CCD_CALL *transfer)(void *dev, ccd_call call, ccd_call other, const char *to, ccd_req req) CCD_NX;
  ccd_status (CCD_CALL *raw)(void *dev, ccd_call call, const char *json, ccd_req req) CCD_NX;
} ccd_call_vt;

/* ------------------------------------------------------------------ "callcore.line/1": signalling in the host */

typedef struct ccd_line_vt {
  uint32_t size; uint32_t reserved;
  ccd_status (CCD_CALL *hook)(void *dev, ccd_chan ch, int32_t op, uint32_t ms, ccd_req req) CCD_NX;   /* 1 off 2 on 3 flash 4 wink 5 start */
  ccd_status (CCD_CALL *ring)(void *dev, ccd_chan ch, const uint16_t *cadence_ms, uint32_t n, const char *caller_id_json, ccd_req req) CCD_NX;
  ccd_status (CCD_CALL *polarity)(void *dev, ccd_chan ch, int32_t reversed, ccd_req req) CCD_NX;
  ccd_status (CCD_CALL *cas)(void *dev, ccd_chan ch, uint32_t abcd, ccd_req req) CCD_NX;
  ccd_status (CCD_CALL *send_digits)(void *dev, ccd_chan ch, int32_t kind, const char *digits, uint32_t on_ms, uint32_t off_ms, ccd_req req) CCD_NX;
  ccd_status (CCD_CALL *send_tone)(void *dev, ccd_chan ch, const char *tone, ccd_req req) CCD_NX;
  ccd_status (CCD_CALL *detect)(void *dev, ccd_chan ch, uint64_t what, ccd_req req) CCD_NX;           /* set of detectors to run */
  ccd_status (CCD_CALL *tune)(void *dev, ccd_chan ch, int32_t key, int64_t value, ccd_req req) CCD_NX;
} ccd_line_vt;

/* ------------------------------------------------------------------ "callcore.media/1" */

typedef struct ccd_tick {
  uint32_t size; uint32_t words;  /* 64-bit words in each set */
  uint64_t frame; uint64_t t_ns; uint32_t flags; uint32_t late;
  const uint64_t *active;         /* host: channels that are on */
  const uint64_t *tx_valid;       /* host: has audio; else send idle or nothing */
  uint64_t *rx_valid;             /* driver: got audio; else the host conceals */
  /* Since channels have formats: a byte for each channel, CCD_LAW_A to CCD_OPUS.  Look with CCD_HAS; either may be NULL. */
  uint8_t *rx_format;             /* driver: how rx of this frame is written, and how it wants tx from the next frame on; 0: the pool's own
                                     format.  The host zeroes it at start and leaves it alone: what is said stays said */
  const uint8_t *tx_format;       /* host: how tx of this frame is written; a driver that wants another by now sends nothing of it */
} ccd_tick;
typedef struct ccd_media_vt {
  uint32_t size; uint32_t reserved;
  ccd_status (CCD_CALL *enable)(void *dev, ccd_chan ch, int32_t on, ccd_req req) CCD_NX;              /* [control] */
  ccd_status (CCD_CALL *wait)(void *dev, uint32_t timeout_us) CCD_NX;                                 /* [media] driver-paced: sleep to the next frame */
  int64_t (CCD_CALL *tick_fd)(void *dev) CCD_NX;                                                      /* [control] readable at each frame, or -1 */
  ccd_status (CCD_CALL *exchange)(void *dev, ccd_tick *t) CCD_NX;                                     /* [media] once per frame, all channels: fill rx of
                                                                                                         frame t->frame, send tx of frame t->frame */
} ccd_media_vt;
/* host side, for SDKs that insist on their own audio thread: "callcore.host.push/1" */
typedef struct ccd_push_vt { uint32_t size; uint32_t reserved; ccd_status (CCD_CALL *frame)(void *host_ctx, ccd_tick *t) CCD_NX; } ccd_push_vt;

/* ------------------------------------------------------------------ "callcore.bus/1" */

typedef struct ccd_bus_addr { uint32_t domain; uint16_t stream, slot; } ccd_bus_addr;
typedef struct ccd_bus_info {
  uint32_t size; uint32_t kind;   /* 1 on-board 2 SCbus 3 H.100 4 H.110 5 MVIP */
  uint32_t domain; uint32_t streams, slots;
  uint32_t clock_role;            /* 0 none 1 slave 2 primary 3 secondary */
  uint32_t sum_max;               /* sources per listener, 1 = no mixing */
  uint32_t flags;
} ccd_bus_info;
typedef struct ccd_bus_vt {
  uint32_t size; uint32_t reserved;
  ccd_status (CCD_CALL *info)(void *dev, ccd_bus_info *out) CCD_NX;
  ccd_status (CCD_CALL *source)(void *dev, ccd_chan ch, ccd_bus_addr *out) CCD_NX;                    /* where ch talks; fixed while open */
  ccd_status (CCD_CALL *listen)(void *dev, ccd_chan ch, const ccd_bus_addr *from, int32_t gain_cb, ccd_req req) CCD_NX;
  ccd_status (CCD_CALL *unlisten)(void *dev, ccd_chan ch, ccd_req req) CCD_NX;
  ccd_status (CCD_CALL *clock)(void *dev, uint32_t role, uint32_t reference, ccd_req req) CCD_NX;
} ccd_bus_vt;

#ifdef __cplusplus
}
#endif
#endif
