/* base.c - a small correct driver: one board whose far ends ring, answer and echo by themselves.
 *
 * Each other file of this folder breaks one clause: it defines one or two hooks of hooks.h and includes this.
 * Configuration (all optional): channels 1..32 (4), ring_every_ms 0..60000 (0: never), loopback 0|1 (1) or a list of channels.
 * Called numbers end in what the far end does: 17 busy, 19 rings for ever, 99 hangs up after its answer; any other answers.
 */
#include "callcore_driver.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "hooks.h"

enum { CHANNELS_MAX = 32, WAITING_MAX = 256, SLOT = 512, STEP_NS = 10 * 1000 * 1000 };
enum state { IDLE, DIALING, RINGING_OUT, RINGING_IN, TALKING, CLEARED };

typedef struct line {
  enum state state;
  ccd_call call;
  uint64_t due_ns;          /* when the far end does its next thing; 0: never */
  uint64_t give_up_ns;      /* when nobody has answered by then; 0: never */
  char called[64];
  int blocked;
  atomic_int talks;         /* for the media side */
} line;

typedef struct board {
  ccd_host host;
  struct driver *driver;
  uint32_t channels;
  int64_t ring_every_ms;
  uint32_t loops;           /* set of the channels whose far end sends back what it hears */
  pthread_mutex_t lock;     /* everything below */
  pthread_t thread;
  atomic_int running;
  uint64_t seq, lost;
  ccd_call next_call;
  uint64_t ring_ns;
  line lines[CHANNELS_MAX];
  uint32_t first, waiting;  /* events the host had no room for */
  _Alignas(8) char queue[WAITING_MAX][SLOT];
  ccd_media_setup pool;
} board;

typedef struct driver { ccd_host host; int is_open; } driver;

/* ------------------------------------------------------------------ events: numbered and stamped under the lock */

static void flush(board *b) {
  if (b->lost && b->waiting < WAITING_MAX) {
    ccd_ev_lost e = {.h = {.size = sizeof e, .type = CCD_EV_LOST, .chan = CCD_NO_CHAN}, .count = b->lost};
    e.h.t_ns = b->host.now_ns(b->host.ctx);
    memcpy(b->queue[(b->first + b->waiting++) % WAITING_MAX], &e, sizeof e);
    b->lost = 0;
  }
  while (b->waiting) {
    ccd_event *e = (ccd_event *)b->queue[b->first];
    e->seq = FAULT_SEQ(b->seq + 1);
    if (FAULT_FULL(b->host.post(b->host.ctx, e))) return;
    b->seq++, b->waiting--, b->first = (b->first + 1) % WAITING_MAX;
  }
}

static void post(board *b, void *event, uint32_t size, uint16_t type, ccd_chan ch, ccd_call call) {
  ccd_event *e = event;
  e->size = size, e->type = type, e->chan = ch, e->call = call, e->t_ns = FAULT_TIME(b->host.now_ns(b->host.ctx));
  if (FAULT_DROP_EVENT(e)) return;
  for (int n = FAULT_COPIES(e); n > 0; n--) {
    if (b->waiting == WAITING_MAX) b->lost++;
    else memcpy(b->queue[(b->first + b->waiting++) % WAITING_MAX], e, size);
  }
  flush(b);
}

static void post_bare(board *b, uint16_t type, ccd_chan ch) {
  ccd_event e;
  memset(&e, 0, sizeof e);
  post(b, &e, sizeof e, type, ch, b->lines[ch].call);
}

static ccd_status done(board *b, ccd_chan ch, ccd_call call, ccd_req req) {
  if (!req) return CCD_OK;
  ccd_ev_done e;
  memset(&e, 0, sizeof e);
  e.h.req = req;
  post(b, &e, sizeof e, CCD_EV_DONE, ch, call);
  return CCD_OK;
}

static void incoming(board *b, ccd_chan ch) {
  ccd_ev_incoming e;
  memset(&e, 0, sizeof e);
  strcpy(e.called, "9000"), strcpy(e.calling, "5555"), strcpy(e.name, "caller"), e.complete = 1;
  FAULT_INCOMING(e);
  post(b, &e, sizeof e, CCD_EV_INCOMING, ch, b->lines[ch].call);
}

static void alerting(board *b, ccd_chan ch) {
  ccd_ev_progress e;
  memset(&e, 0, sizeof e);
  post(b, &e, sizeof e, CCD_EV_ALERTING, ch, b->lines[ch].call);
}

static void blocked(board *b, ccd_chan ch, int was) {
  ccd_ev_blocked e;
  memset(&e, 0, sizeof e);
  e.now = b->lines[ch].blocked ? CCD_BLOCK_LOCAL : 0, e.was = was ? CCD_BLOCK_LOCAL : 0;
  post(b, &e, sizeof e, CCD_EV_BLOCKED, ch, 0);
}

static void connected(board *b, ccd_chan ch) {
  line *l = &b->lines[ch];
  ccd_ev_connected e;
  memset(&e, 0, sizeof e);
  e.supervision = CCD_SUP_SIGNALLED;
  l->state = TALKING, l->due_ns = 0;
  atomic_store(&l->talks, 1);
  post(b, &e, sizeof e, CCD_EV_CONNECTED, ch, l->call);
}

static void cleared(board *b, ccd_chan ch, uint16_t type, uint16_t q850) {
  line *l = &b->lines[ch];
  ccd_ev_disconnected e;
  memset(&e, 0, sizeof e);
  e.q850 = FAULT_CAUSE(q850), e.how = FAULT_HOW(CCD_HOW_SIGNALLED);
  ccd_call call = l->call;
  atomic_store(&l->talks, 0);
  l->due_ns = 0;
  if (type == CCD_EV_RELEASED) l->state = IDLE, l->call = 0;
  else l->state = CLEARED;
  post(b, &e, sizeof e, type, ch, call);
  if (type == CCD_EV_RELEASED) FAULT_AFTER_RELEASED(b, ch, call);
}

/* ------------------------------------------------------------------ the far ends, on a thread of the board's own */

static int ends_in(const line *l, const char *tail) {
  size_t n = strlen(l->called), t = strlen(tail);
  return n >= t && !strcmp(l->called + n - t, tail);
}

static void far_end(board *b, ccd_chan ch, uint64_t now) {
  line *l = &b->lines[ch];
  if ((l->state == DIALING || l->state == RINGING_OUT) && FAULT_GIVE_UP(l->give_up_ns && now >= l->give_up_ns)) {
    cleared(b, ch, CCD_EV_DISCONNECTED, 19);
    return;
  }
  if (!l->due_ns || now < l->due_ns) return;
  l->due_ns = now + STEP_NS;
  if (l->state == DIALING && ends_in(l, "17")) cleared(b, ch, CCD_EV_DISCONNECTED, 17);
  else if (l->state == DIALING) l->state = RINGING_OUT, alerting(b, ch);
  else if (l->state == RINGING_OUT && ends_in(l, "19")) l->due_ns = 0;
  else if (l->state == RINGING_OUT) connected(b, ch), l->due_ns = ends_in(l, "99") ? now + STEP_NS : 0;
  else if (l->state == TALKING || l->state == RINGING_IN) cleared(b, ch, CCD_EV_DISCONNECTED, 16);
}

static void ring(board *b, uint64_t now) {
  if (!b->ring_every_ms || now < b->ring_ns) return;
  b->ring_ns = now + (uint64_t)b->ring_every_ms * 1000000;
  for (ccd_chan ch = 0; ch < b->channels; ch++) {
    line *l = &b->lines[ch];
    if (l->state != IDLE || l->blocked) continue;
    l->call = FAULT_CALL_ID(b->next_call), b->next_call += 2, l->state = RINGING_IN;
    l->due_ns = now + (uint64_t)2000 * 1000000; /* the caller's patience */
    incoming(b, ch);
    return;
  }
}

static void *run(void *arg) {
  board *b = arg;
  while (atomic_load(&b->running)) {
    pthread_mutex_lock(&b->lock);
    uint64_t now = b->host.now_ns(b->host.ctx);
    flush(b);
    ring(b, now);
    for (ccd_chan ch = 0; ch < b->channels; ch++) far_end(b, ch, now);
    pthread_mutex_unlock(&b->lock);
    nanosleep(&(struct timespec){0, 2 * 1000 * 1000}, NULL);
  }
  FAULT_THREAD_END(b);
  return NULL;
}

/* ------------------------------------------------------------------ callcore.device/1 */

static ccd_status channel(void *dev, ccd_chan ch, ccd_channel_info *out) {
  board *b = dev;
  if (!b || !out || ch >= FAULT_CHANNELS(b->channels)) return CCD_E_ARG;
  ccd_channel_info info = {.kind = CCD_KIND_BEARER, .signalling = CCD_SIG_SIM, .timeslot = ch + 1};
  info.codecs = CCD_LAW_A | CCD_LAW_U | CCD_L16, info.frame_min = 8, info.frame_max = 800, info.frame_pref = 160;
  info.caps = CCD_CAP(CCD_CAPB_ANSWER_SUPERVISION) | CCD_CAP(CCD_CAPB_DISCONNECT_SUPERVISION)
            | CCD_CAP(CCD_CAPB_CALLER_ID_RX) | CCD_CAP(CCD_CAPB_DTMF_RX) | CCD_CAP(CCD_CAPB_DTMF_TX);
  info.caps = FAULT_CAPS(info.caps);
  info.size = out->size < sizeof info ? out->size : (uint32_t)sizeof info;
  memcpy(out, &info, info.size);
  return CCD_OK;
}

static ccd_status start(void *dev, const ccd_media_setup *m, ccd_error *err) {
  board *b = dev;
  (void)err;
  if (!b || !m || m->size < offsetof(ccd_media_setup, pool_fd)) return CCD_E_ARG;
  if (atomic_load(&b->running)) return CCD_E_STATE;
  b->pool = *m;
  FAULT_POOL(m);
  memset(b->lines, 0, sizeof b->lines);
  b->first = b->waiting = 0, b->ring_ns = b->host.now_ns(b->host.ctx);
  FAULT_START(b);
  atomic_store(&b->running, 1);
  if (!pthread_create(&b->thread, NULL, run, b)) return CCD_OK;
  atomic_store(&b->running, 0);
  return CCD_E_NOMEM;
}

static ccd_status stop(void *dev) {
  board *b = dev;
  if (!b) return CCD_E_ARG;
  if (!atomic_exchange(&b->running, 0)) return CCD_E_STATE;
  FAULT_JOIN(b);
  return CCD_OK;
}

/* locks a running device for a command of channel `ch`, or of no channel; else says why not */
static ccd_status enter(board *b, ccd_chan ch, int needs_channel) {
  if (!b || (needs_channel && ch >= b->channels)) return CCD_E_ARG;
  if (FAULT_STATE(!atomic_load(&b->running))) return CCD_E_STATE;
  pthread_mutex_lock(&b->lock);
  return CCD_OK;
}

static ccd_status leave(board *b, ccd_status status, ccd_chan ch, ccd_call call, ccd_req req) {
  if (status == CCD_OK || FAULT_DONE_REFUSED) done(b, ch, call, req);
  pthread_mutex_unlock(&b->lock);
  return status;
}

static ccd_status service(void *dev, ccd_chan ch, int32_t in_service, ccd_req req) {
  board *b = dev;
  ccd_status status = enter(b, ch, 1);
  if (status) return status;
  int was = b->lines[ch].blocked;
  b->lines[ch].blocked = !in_service;
  if (FAULT_BLOCKED_CHANGED(was != b->lines[ch].blocked)) blocked(b, ch, was);
  return leave(b, CCD_OK, ch, 0, req);
}

static ccd_status replay(void *dev, ccd_chan ch, ccd_req req) {
  board *b = dev;
  ccd_status status = enter(b, ch, ch != CCD_NO_CHAN);
  if (status) return status;
  for (ccd_chan each = 0; ch == CCD_NO_CHAN && each < b->channels; each++)
    if (FAULT_REPLAY_BLOCKED(b->lines[each].blocked)) blocked(b, each, 1);
  if (ch == CCD_NO_CHAN) return leave(b, CCD_OK, ch, 0, req);
  enum state state = FAULT_REPLAY_STATE(b->lines[ch].state);
  if (state == RINGING_IN) incoming(b, ch);
  if (state == DIALING) post_bare(b, CCD_EV_DIALING, ch);
  if (state == RINGING_OUT) alerting(b, ch);
  if (state == TALKING) connected(b, ch);
  if (state == CLEARED) cleared(b, ch, CCD_EV_DISCONNECTED, 16);
  return leave(b, CCD_OK, ch, b->lines[ch].call, req);
}

static ccd_status stats(void *dev, char *json, size_t cap, size_t *need) {
  board *b = dev;
  if (!b) return CCD_E_ARG;
  char text[64];
  size_t n = (size_t)snprintf(text, sizeof text, "{\"events\":%llu}", (unsigned long long)b->seq) + 1;
  if (need) *need = n;
  if (!json || cap < n) return CCD_E_ARG;
  memcpy(json, text, n);
  return CCD_OK;
}

/* ------------------------------------------------------------------ callcore.call/1 */

static ccd_chan find(board *b, ccd_call call) {
  for (ccd_chan ch = 0; call && ch < b->channels; ch++)
    if (b->lines[ch].call == call) return ch;
  return CCD_NO_CHAN;
}

static ccd_status make(void *dev, ccd_chan ch, ccd_call call, const ccd_make *m, ccd_req req) {
  board *b = dev;
  if (!m || m->size < offsetof(ccd_make, via) || !m->called || !call || call % 2) return CCD_E_ARG;
  ccd_status status = enter(b, ch, 1);
  if (status) return status;
  line *l = &b->lines[ch];
  if (l->state != IDLE) return leave(b, CCD_E_BUSY, ch, call, req);
  if (l->blocked) return leave(b, CCD_E_STATE, ch, call, req);
  uint64_t now = b->host.now_ns(b->host.ctx);
  l->state = DIALING, l->call = call, l->due_ns = now + STEP_NS;
  l->give_up_ns = m->timeout_ms ? now + (uint64_t)m->timeout_ms * 1000000 : 0;
  snprintf(l->called, sizeof l->called, "%s", m->called);
  FAULT_MAKE(b, ch);
  post_bare(b, CCD_EV_DIALING, ch);
  return leave(b, CCD_OK, ch, call, req);
}

static ccd_status answer(void *dev, ccd_call call, ccd_req req) {
  board *b = dev;
  ccd_status status = enter(b, CCD_NO_CHAN, 0);
  if (status) return status;
  ccd_chan ch = find(b, call);
  if (ch == CCD_NO_CHAN) return leave(b, CCD_E_GONE, ch, call, req);
  if (b->lines[ch].state != RINGING_IN) return leave(b, CCD_E_STATE, ch, call, req);
  connected(b, ch);
  return leave(b, CCD_OK, ch, call, req);
}

static ccd_status accept_call(void *dev, ccd_call call, int32_t step, ccd_req req) {
  board *b = dev;
  if (step < CCD_STEP_SETUP_ACK || step > CCD_STEP_PROGRESS) return CCD_E_ARG;
  ccd_status status = enter(b, CCD_NO_CHAN, 0);
  if (status) return status;
  ccd_chan ch = find(b, call);
  if (ch == CCD_NO_CHAN) return leave(b, CCD_E_GONE, ch, call, req);
  return leave(b, b->lines[ch].state == RINGING_IN ? CCD_OK : CCD_E_STATE, ch, call, req);
}

static ccd_status drop(void *dev, ccd_call call, uint16_t q850, ccd_req req) {
  board *b = dev;
  FAULT_SLOW_DROP;
  ccd_status status = enter(b, CCD_NO_CHAN, 0);
  if (status) return status;
  ccd_chan ch = find(b, call);
  if (ch == CCD_NO_CHAN) return leave(b, CCD_E_GONE, ch, call, req);
  cleared(b, ch, CCD_EV_RELEASED, q850 >= 1 && q850 <= 127 ? q850 : 16);
  return leave(b, CCD_OK, ch, call, req);
}

/* ------------------------------------------------------------------ callcore.line/1: keys only; the far end sends them back */

static ccd_status send_digits(void *dev, ccd_chan ch, int32_t kind, const char *digits, uint32_t on, uint32_t off, ccd_req req) {
  board *b = dev;
  (void)on, (void)off;
  if (!digits || !*digits || digits[strspn(digits, "0123456789*#ABCD")]) return CCD_E_ARG;
  if (kind != CCD_DIGIT_DTMF) return CCD_E_UNSUPPORTED;
  ccd_status status = enter(b, ch, 1);
  if (status) return status;
  if (b->lines[ch].state != TALKING) return leave(b, CCD_E_STATE, ch, 0, req);
  if (FAULT_KEYS_UNSUPPORTED) return leave(b, CCD_E_UNSUPPORTED, ch, 0, req);
  for (; *digits; digits++) {
    ccd_ev_digit e;
    memset(&e, 0, sizeof e);
    e.kind = CCD_DIGIT_DTMF, e.digit = FAULT_DIGIT((uint8_t)*digits), e.edge = 3, e.ms = 100;
    post(b, &e, sizeof e, CCD_EV_DIGIT, ch, b->lines[ch].call);
  }
  return leave(b, CCD_OK, ch, b->lines[ch].call, req);
}

/* ------------------------------------------------------------------ callcore.media/1 */

static ccd_status enable(void *dev, ccd_chan ch, int32_t on, ccd_req req) {
  (void)on;
  ccd_status status = enter(dev, ch, 1);
  return status ? status : leave(dev, CCD_OK, ch, 0, req);
}

static int64_t tick_fd(void *dev) { return (void)dev, -1; }

static ccd_status exchange(void *dev, ccd_tick *t) {
  board *b = dev;
  if (!b || !t || t->size < offsetof(ccd_tick, rx_format) || !t->active || !t->tx_valid || !t->rx_valid) return CCD_E_ARG;
  if (!atomic_load(&b->running)) return CCD_E_STATE;
  const ccd_media_setup *p = &b->pool;
  size_t bytes = p->frame_samples * (p->codec == CCD_L16 ? 2u : 1u);
  FAULT_EXCHANGE(b, t);
  for (ccd_chan ch = 0; ch < p->channels && ch < b->channels; ch++) {
    uint64_t bit = (uint64_t)1 << (ch % 64);
    if (!(t->active[ch / 64] & bit)) continue;
    size_t at = ((t->frame & (p->depth - 1)) * p->channels + ch) * p->stride;
    char *rx = (char *)p->base + p->rx_off + at, *tx = (char *)p->base + p->tx_off + at;
    if (b->loops & (1u << ch) && atomic_load(&b->lines[ch].talks) && (t->tx_valid[ch / 64] & bit)) memcpy(rx, tx, bytes);
    else memset(rx, FAULT_IDLE(p->codec == CCD_LAW_A ? 0xD5 : p->codec == CCD_LAW_U ? 0xFF : 0), bytes);
    FAULT_SLOT(rx, bytes, p->stride);
    t->rx_valid[ch / 64] |= FAULT_HEARD(bit);
  }
  return CCD_OK;
}

/* ------------------------------------------------------------------ the driver */

static ccd_status fail(ccd_error *err, ccd_status code, const char *text) {
  if (err && CCD_HAS(err, text)) err->code = code, err->vendor_code = 0, snprintf(err->text, sizeof err->text, "%s", text);
  return code;
}

static int table_is_whole(const ccd_host *h) { return h && CCD_HAS(h, cfg_str) && h->post && h->now_ns && h->cfg_int; }

/* a number of the configuration, or `value` as it is */
static ccd_status number(const ccd_host *h, const char *path, int64_t min, int64_t max, int64_t *value, ccd_error *err) {
  int64_t read = *value;
  ccd_status status = h->cfg_int(h->ctx, path, &read);
  if (status == CCD_E_GONE) return CCD_OK;
  char text[200];
  snprintf(text, sizeof text, "%s: must be a whole number from %lld to %lld", FAULT_CONFIG_PATH(path), (long long)min, (long long)max);
  if (status || read < min || read > max) return fail(err, CCD_E_CONFIG, text);
  *value = read;
  return CCD_OK;
}

/* "loopback": a truth value, or a list of channels; a list is told from a number by its elements */
static ccd_status loops(const ccd_host *h, uint32_t *set, ccd_error *err) {
  int64_t one = 1, first;
  if (h->cfg_int(h->ctx, "loopback.0", &first) == CCD_E_GONE) {
    ccd_status status = number(h, "loopback", 0, 1, &one, err);
    *set = one ? ~0u : 0;
    return status;
  }
  *set = 0;
  ccd_status status = CCD_OK;
  for (int at = 0; !status && at < CHANNELS_MAX; at++) {
    char path[16];
    snprintf(path, sizeof path, "loopback.%d", at);
    int64_t ch = -1;
    if (h->cfg_int(h->ctx, path, &ch) == CCD_E_GONE) break;
    status = number(h, path, 0, CHANNELS_MAX - 1, &ch, err);
    if (!status) *set |= 1u << ch;
  }
  return status;
}

static ccd_status settings(const ccd_host *h, int64_t *channels, int64_t *ring_every_ms, uint32_t *set, ccd_error *err) {
  *channels = 4, *ring_every_ms = 0;
  ccd_status status = number(h, "channels", 1, CHANNELS_MAX, channels, err);
  if (!status) status = number(h, "ring_every_ms", 0, 60000, ring_every_ms, err);
  if (!status) status = loops(h, set, err);
  return status;
}

static ccd_status create(const ccd_host *host, void **drv, ccd_error *err) {
  if (!table_is_whole(host) || !drv) return fail(err, CCD_E_ARG, "create: host or the place for the driver is missing");
  int64_t a, b;
  uint32_t c;
  ccd_status status = settings(host, &a, &b, &c, err);
  if (status) return status;
  driver *d = calloc(1, sizeof *d);
  if (!d) return fail(err, CCD_E_NOMEM, "create: no memory");
  memcpy(&d->host, host, host->size < sizeof d->host ? host->size : sizeof d->host);
  FAULT_CREATE(d);
  *drv = d;
  return CCD_OK;
}

static void destroy(void *drv) {
  FAULT_DESTROY(drv);
  free(drv);
}

static ccd_status enumerate(void *drv, uint32_t index, ccd_device_info *out) {
  if (!drv || !out) return CCD_E_ARG;
  if (FAULT_LAST(index)) return CCD_E_END;
  int64_t channels, b;
  uint32_t c;
  settings(&((driver *)drv)->host, &channels, &b, &c, NULL);
  ccd_device_info info = {.channels = (uint32_t)channels, .paced_by = CCD_PACED_BY_HOST};
  snprintf(info.uid, sizeof info.uid, "base-%u", (unsigned)FAULT_UID(index));
  strcpy(info.model, "base");
  info.size = out->size < sizeof info ? out->size : (uint32_t)sizeof info;
  memcpy(out, &info, info.size);
  return CCD_OK;
}

static ccd_status open_device(void *drv, const char *uid, const ccd_host *host, void **dev, ccd_error *err) {
  driver *d = drv;
  if (!d || !uid || !table_is_whole(host) || !dev) return fail(err, CCD_E_ARG, "open: an argument is missing");
  if (FAULT_IS_UNKNOWN(strcmp(uid, "base-0"))) return fail(err, CCD_E_GONE, "open: the only board is \"base-0\"");
  if (FAULT_IS_OPEN(d->is_open)) return fail(err, CCD_E_BUSY, "open: the board is open already");
  board *b = calloc(1, sizeof *b);
  if (!b) return fail(err, CCD_E_NOMEM, "open: no memory");
  int64_t channels;
  ccd_status status = settings(host, &channels, &b->ring_every_ms, &b->loops, err);
  if (status) return free(b), status;
  b->driver = d, b->channels = (uint32_t)channels, b->next_call = 1;
  memcpy(&b->host, host, host->size < sizeof b->host ? host->size : sizeof b->host);
  pthread_mutex_init(&b->lock, NULL);
  d->is_open = 1;
  *dev = b;
  return CCD_OK;
}

static void close_device(void *dev) {
  board *b = dev;
  if (!b) return;
  stop(b);
  b->driver->is_open = 0;
  pthread_mutex_destroy(&b->lock);
  FAULT_FREE(b);
}

static const ccd_device_vt device_vt = {sizeof device_vt, 0, channel, start, FAULT_STOP(stop), service, replay, stats};
static const ccd_call_vt call_vt = {sizeof call_vt, 0, make, NULL, accept_call, answer, drop, NULL, NULL, NULL};
static const ccd_line_vt line_vt = {sizeof line_vt, 0, NULL, NULL, NULL, NULL, FAULT_SEND_DIGITS(send_digits), NULL, NULL, NULL};
static const ccd_media_vt media_vt = {sizeof media_vt, 0, enable, NULL, tick_fd, exchange};

static const void *extension(void *drv, const char *id) {
  if (!drv || !id) return NULL;
  if (!strcmp(id, "callcore.device/1")) return FAULT_TABLE(&device_vt);
  if (!strcmp(id, "callcore.call/1")) return &call_vt;
  if (!strcmp(id, "callcore.line/1")) return &line_vt;
  if (!strcmp(id, "callcore.media/1")) return &media_vt;
  return FAULT_UNKNOWN_EXTENSION;
}

static const char *schema(void) { return FAULT_SCHEMA; }

static const ccd_driver_vt vt = {sizeof vt, 0, create, destroy, enumerate, open_device, close_device, extension, schema};

ccd_status ccd_negotiate(const ccd_offer *offer, ccd_accept *accept) {
  if (FAULT_NULL(!offer || !accept)) return CCD_E_ARG;
  FAULT_NEGOTIATE;
  if (FAULT_SHORT(offer->size < sizeof *offer || accept->size < sizeof *accept)) return CCD_E_ARG;
  if (FAULT_VERSION(offer->abi_min > CCD_ABI_1_0 || offer->abi_max < CCD_ABI_1_0)) return accept->abi = CCD_ABI_1_0, CCD_E_VERSION;
  if (FAULT_OFFER(offer)) return CCD_E_LICENSE;
  *accept = (ccd_accept){.size = sizeof *accept, .abi = CCD_ABI_1_0, .vt = &vt};
  accept->id = FAULT_ID, accept->name = "base", accept->vendor = "callcore", accept->version = "1";
  return CCD_OK;
}
