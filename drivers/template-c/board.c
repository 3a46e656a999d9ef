/* board.c - a driver to begin with: lines that exist only here.  From time to time somebody calls in, hears their own voice once answered,
 * and hangs up after a while; calls out are answered after a second.  Put your library's calls where it says BOARD.
 * Settings: ring_every_ms (5000; 0: nobody calls).
 * There is no thread here: the host calls exchange every 20 ms, and all events of calls are posted there.  Commands only note what is wanted. */
#include "callcore_driver.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNELS = 4 };
typedef struct { ccd_call call; enum { IDLE, OFFERED, CALLING, ANSWERED, UP, CLEARED, DROPPED } state; uint16_t cause; uint64_t due; } line;
typedef struct {
  const ccd_host *host;
  int open, started;
  uint64_t seq, calls, next_ring;
  int64_t ring_every_ms; /* 0: never */
  line lines[CHANNELS];
  ccd_media_setup pool;
  pthread_mutex_t lock; /* held only for moments */
} board;

#define POST(b, kind, type, ch, call, ...) post(b, &(kind){ __VA_ARGS__ }, sizeof(kind), type, ch, call) /* 0: full, again with the next frame */
static int post(board *b, void *event, uint32_t size, uint16_t type, ccd_chan ch, ccd_call call) {
  ccd_event *e = event;
  e->size = size, e->type = type, e->chan = ch, e->call = call, e->seq = b->seq + 1, e->t_ns = b->host->now_ns(b->host->ctx);
  ccd_status status = b->host->post(b->host->ctx, e);
  return b->seq += status == CCD_OK || status == CCD_E_ARG, status != CCD_E_FULL;
}
/* What happens by itself.  BOARD: ask your library here, or post from its callbacks with the lock held. */
static void step(board *b, ccd_chan ch, uint64_t now) {
  line *l = &b->lines[ch];
  if (l->state == IDLE && b->ring_every_ms && now >= b->next_ring
      && POST(b, ccd_ev_incoming, CCD_EV_INCOMING, ch, 2 * b->calls + 1, .called = "8000", .calling = "13800000000", .complete = 1)) {
    *l = (line){ .call = 2 * b->calls++ + 1, .state = OFFERED };
    b->next_ring = now + (uint64_t)b->ring_every_ms * 1000000;
  } else if (l->state == CALLING && now >= l->due && !l->cause) {
    l->state = ANSWERED;
  } else if (l->state == ANSWERED && POST(b, ccd_ev_connected, CCD_EV_CONNECTED, ch, l->call, .supervision = CCD_SUP_SIGNALLED)) {
    l->state = UP, l->due = now + 3000000000;
  } else if ((l->state == UP || l->state == CALLING) && now >= l->due
      && POST(b, ccd_ev_disconnected, CCD_EV_DISCONNECTED, ch, l->call, .q850 = l->cause ? l->cause : 16, .how = 1)) {
    l->state = CLEARED;
  } else if (l->state == DROPPED && POST(b, ccd_ev_disconnected, CCD_EV_RELEASED, ch, l->call, .q850 = l->cause, .how = 1)) {
    *l = (line){ .state = IDLE };
  }
}
static ccd_status exchange(void *dev, ccd_tick *t) {
  board *b = dev;
  if (!b || !t) return CCD_E_ARG;
  pthread_mutex_lock(&b->lock);
  const ccd_media_setup *p = &b->pool;
  ccd_status status = b->started ? CCD_OK : CCD_E_STATE;
  for (ccd_chan ch = 0; !status && ch < p->channels; ch++) {
    uint64_t bit = (uint64_t)1 << ch, slot = ((t->frame & (p->depth - 1)) * p->channels + ch) * p->stride;
    step(b, ch, b->host->now_ns(b->host->ctx));
    if (!(t->active[0] & t->tx_valid[0] & bit)) continue;
    memcpy((char *)p->base + p->rx_off + slot, (char *)p->base + p->tx_off + slot, p->frame_samples); /* BOARD: send tx, fetch rx */
    t->rx_valid[0] |= bit;
  }
  return pthread_mutex_unlock(&b->lock), status;
}
/* Commands.  wish: unless it cannot be now, DONE, and the line is as wanted; lets go of the lock. */
static ccd_status wish(board *b, line *l, ccd_req req, ccd_status status, line wanted) {
  if (!b) return CCD_E_ARG;
  if (!b->started || !l) status = b->started ? CCD_E_GONE : CCD_E_STATE;
  if (status == CCD_OK && req && !POST(b, ccd_ev_done, CCD_EV_DONE, l - b->lines, wanted.call, .h.req = req)) status = CCD_E_FULL;
  if (status == CCD_OK) *l = wanted;
  return pthread_mutex_unlock(&b->lock), status;
}
static line *find(board *b, ccd_call call) { /* takes the lock */
  if (b) pthread_mutex_lock(&b->lock);
  for (line *l = b ? b->lines : NULL; l && l < b->lines + CHANNELS; l++) if (call && l->call == call) return l;
  return NULL;
}
static ccd_status make(void *dev, ccd_chan ch, ccd_call call, const ccd_make *m, ccd_req req) {
  board *b = dev;
  if (!b || ch >= CHANNELS || !call || call % 2 || !m || !m->called) return CCD_E_ARG;
  pthread_mutex_lock(&b->lock); /* BOARD: dial m->called; give up after m->timeout_ms, with 19 */
  uint64_t wait_ms = m->timeout_ms && m->timeout_ms < 1000 ? m->timeout_ms : 1000;
  line calling = { call, CALLING, wait_ms < 1000 ? 19 : 0, b->host->now_ns(b->host->ctx) + wait_ms * 1000000 };
  return wish(b, &b->lines[ch], req, b->lines[ch].state == IDLE ? CCD_OK : CCD_E_BUSY, calling);
}
static ccd_status answer(void *dev, ccd_call call, ccd_req req) {
  line *l = find(dev, call); /* BOARD: answer */
  return wish(dev, l, req, l && l->state == OFFERED ? CCD_OK : CCD_E_STATE, (line){ .call = call, .state = ANSWERED });
}
static ccd_status drop(void *dev, ccd_call call, uint16_t q850, ccd_req req) {
  line *l = find(dev, call); /* BOARD: hang up */
  return wish(dev, l, req, CCD_OK, (line){ call, DROPPED, q850 >= 1 && q850 <= 127 ? q850 : 16, 0 });
}
/* The device.  BOARD: how many channels, what each can do. */
static void put(void *out, uint32_t room, void *from, uint32_t size) { memcpy(from, room < size ? &room : &size, 4), memcpy(out, from, room < size ? room : size); }
static ccd_status channel(void *dev, ccd_chan ch, ccd_channel_info *out) {
  if (!dev || !out || ch >= CHANNELS) return CCD_E_ARG;
  put(out, out->size, &(ccd_channel_info){ .kind = CCD_KIND_BEARER, .signalling = CCD_SIG_PRI_USER, .timeslot = ch + 1, .codecs = CCD_LAW_A, .law = CCD_LAW_A,
    .caps = CCD_CAP(CCD_CAPB_ANSWER_SUPERVISION) | CCD_CAP(CCD_CAPB_DISCONNECT_SUPERVISION) | CCD_CAP(CCD_CAPB_CALLER_ID_RX) }, sizeof(ccd_channel_info));
  return CCD_OK;
}
static ccd_status turn(board *b, int on, const ccd_media_setup *m) {
  pthread_mutex_lock(&b->lock);
  int can = b->started != on;
  if (can) memset(b->lines, 0, sizeof b->lines), b->started = on, b->next_ring = b->host->now_ns(b->host->ctx), b->pool = m ? *m : b->pool;
  return pthread_mutex_unlock(&b->lock), can ? CCD_OK : CCD_E_STATE;
}
static ccd_status start(void *dev, const ccd_media_setup *m, ccd_error *err) {
  return (void)err, dev && m && m->size >= sizeof *m && m->codec == CCD_LAW_A && m->channels <= CHANNELS ? turn(dev, 1, m) : CCD_E_ARG;
}
static ccd_status stop(void *dev) { return dev ? turn(dev, 0, NULL) : CCD_E_ARG; }
/* The driver, which is its one device. */
static ccd_status create(const ccd_host *host, void **drv, ccd_error *err) {
  return (void)err, host && drv ? (*drv = calloc(1, sizeof(board))) ? CCD_OK : CCD_E_NOMEM : CCD_E_ARG;
}
static ccd_status enumerate(void *drv, uint32_t index, ccd_device_info *out) {
  if (!drv || !out || index) return drv && out ? CCD_E_END : CCD_E_ARG;
  put(out, out->size, &(ccd_device_info){ .channels = CHANNELS, .paced_by = CCD_PACED_BY_HOST, .uid = "1", .model = "NAME" }, sizeof(ccd_device_info));
  return CCD_OK;
}
static ccd_status fail(ccd_error *err, ccd_status code, const char *text) {
  if (err && err->size >= sizeof *err) err->code = code, strncpy(err->text, text, sizeof err->text - 1);
  return code;
}
static ccd_status open_device(void *drv, const char *uid, const ccd_host *host, void **dev, ccd_error *err) {
  board *b = drv;
  if (!b || !uid || !host || !dev) return CCD_E_ARG;
  if (strcmp(uid, "1")) return fail(err, CCD_E_GONE, "there is no such device; there is \"1\"");
  if (b->open) return fail(err, CCD_E_BUSY, "it is open already");
  *b = (board){ .host = host, .ring_every_ms = 5000 };
  if (host->cfg_int(host->ctx, "ring_every_ms", &b->ring_every_ms) == CCD_E_CONFIG || b->ring_every_ms < 0 || b->ring_every_ms > 86400000)
    return fail(err, CCD_E_CONFIG, "ring_every_ms: must be milliseconds, 0 to 86400000");
  pthread_mutex_init(&b->lock, NULL);
  return b->open = 1, *dev = b, CCD_OK;
}
static void close_device(void *dev) { if (dev) stop(dev), ((board *)dev)->open = 0; }
static const ccd_device_vt device_vt = { sizeof device_vt, 0, channel, start, stop, NULL, NULL, NULL };
static const ccd_call_vt call_vt = { sizeof call_vt, 0, make, NULL, NULL, answer, drop, NULL, NULL, NULL };
static const ccd_media_vt media_vt = { sizeof media_vt, 0, NULL, NULL, NULL, exchange };
static const struct { const char *id; const void *table; } tables[] =
  { { "callcore.device/1", &device_vt }, { "callcore.call/1", &call_vt }, { "callcore.media/1", &media_vt } };
static const void *extension(void *drv, const char *id) {
  for (int i = 0; drv && id && i < 3; i++) if (!strcmp(tables[i].id, id)) return tables[i].table;
  return NULL;
}
static const ccd_driver_vt driver_vt = { sizeof driver_vt, 0, create, free, enumerate, open_device, close_device, extension, NULL };
ccd_status ccd_negotiate(const ccd_offer *offer, ccd_accept *accept) {
  if (!offer || !accept || offer->size < sizeof *offer || accept->size < sizeof *accept) return CCD_E_ARG;
  accept->abi = CCD_ABI_1_0; /* the newest it speaks */
  if (offer->abi_min > CCD_ABI_1_0 || offer->abi_max < CCD_ABI_1_0) return CCD_E_VERSION;
  *accept = (ccd_accept){ sizeof *accept, CCD_ABI_1_0, "com.example.NAME", "NAME", "Example", "0.1", 0, 0, &driver_vt };
  return CCD_OK;
}
