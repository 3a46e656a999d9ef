/* A board whose library has an audio thread of its own: it brings and takes its frames itself ("callcore.host.push/1").
 * Its one caller presses key 5 until sound comes back, and then hangs up. */
#include "callcore_driver.h"
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct board {
  const ccd_host *host;
  const ccd_push_vt *push;
  ccd_media_setup pool;
  pthread_t thread;
  volatile int running;
  uint64_t seq;
  pthread_mutex_t lock;
} board;

static ccd_status post(board *b, void *event, size_t size, uint16_t type, ccd_call call, ccd_req req) {
  ccd_event *h = event;
  pthread_mutex_lock(&b->lock);
  h->size = (uint32_t)size, h->type = type, h->call = call, h->req = req;
  h->t_ns = b->host->now_ns(b->host->ctx), h->seq = b->seq + 1;
  ccd_status s = b->host->post(b->host->ctx, h);
  if (s == CCD_OK) b->seq++;
  pthread_mutex_unlock(&b->lock);
  return s;
}

static void hang_up(board *b) {
  ccd_ev_disconnected e;
  memset(&e, 0, sizeof e);
  e.q850 = 16, e.how = CCD_HOW_SIGNALLED;
  post(b, &e, sizeof e, CCD_EV_RELEASED, 1, 0);
}

static int16_t *slot(board *b, uint64_t off, uint64_t frame) {
  return (int16_t *)((char *)b->pool.base + off + (frame & (b->pool.depth - 1)) * b->pool.channels * b->pool.stride);
}

static int is_loud(const int16_t *samples) {
  for (int n = 0; n < 160; n++)
    if (samples[n] > 300 || samples[n] < -300) return 1;
  return 0;
}

static void *audio(void *arg) {
  board *b = arg;
  int heard = 0;
  for (uint64_t frame = 0; b->running; frame++) {
    uint64_t rx_valid = 1, tx_valid = 0, active = 1;
    int16_t *rx = slot(b, b->pool.rx_off, frame);
    for (int n = 0; n < 160; n++) {
      double t = (double)(frame * 160 + (uint64_t)n) / 8000.0 * 6.283185307179586;
      rx[n] = frame % 50 < 25 ? (int16_t)((sin(t * 770) + sin(t * 1336)) * 6000) : 0;
    }
    ccd_tick tick = {sizeof tick, 1, frame, 0, 0, 0, &active, &tx_valid, &rx_valid, NULL, NULL};
    b->push->frame(b->host->ctx, &tick);
    if ((tx_valid & 1) && is_loud(slot(b, b->pool.tx_off, frame)) && ++heard == 10) hang_up(b);
    struct timespec t = {0, 2000000};
    nanosleep(&t, NULL);
  }
  return NULL;
}

static ccd_status create(const ccd_host *host, void **drv, ccd_error *err) {
  (void)err;
  *drv = (void *)host;
  return CCD_OK;
}
static void destroy(void *drv) { (void)drv; }
static ccd_status enumerate(void *drv, uint32_t index, ccd_device_info *out) {
  (void)drv;
  if (index > 0) return CCD_E_END;
  uint32_t size = out->size;
  memset(out, 0, size);
  out->size = size, out->channels = 1, out->paced_by = CCD_PACED_BY_DRIVER, out->flags = CCD_DEV_PUSHES;
  out->clock_domain = 7;
  strcpy(out->uid, "pusher");
  return CCD_OK;
}
static ccd_status open_device(void *drv, const char *uid, const ccd_host *host, void **dev, ccd_error *err) {
  (void)drv, (void)uid, (void)err;
  board *b = calloc(1, sizeof *b);
  b->host = host, b->push = host->extension(host->ctx, "callcore.host.push/1");
  pthread_mutex_init(&b->lock, NULL);
  *dev = b;
  return b->push && b->push->frame ? CCD_OK : CCD_E_UNSUPPORTED;
}
static void close_device(void *dev) { free(dev); }

static ccd_status channel(void *dev, ccd_chan ch, ccd_channel_info *out) {
  (void)dev;
  if (ch >= 1) return CCD_E_ARG;
  uint32_t size = out->size;
  memset(out, 0, size);
  out->size = size, out->kind = CCD_KIND_BEARER, out->codecs = CCD_L16;
  return CCD_OK;
}
static ccd_status start(void *dev, const ccd_media_setup *m, ccd_error *err) {
  (void)err;
  board *b = dev;
  ccd_ev_incoming e;
  b->pool = *m, b->running = 1;
  memset(&e, 0, sizeof e);
  strcpy(e.called, "9000"), strcpy(e.calling, "5555"), e.complete = 1;
  post(b, &e, sizeof e, CCD_EV_INCOMING, 1, 0);
  return pthread_create(&b->thread, NULL, audio, b) ? CCD_E_NOMEM : CCD_OK;
}
static ccd_status stop(void *dev) {
  board *b = dev;
  b->running = 0;
  pthread_join(b->thread, NULL);
  return CCD_OK;
}

static ccd_status done(board *b, ccd_req req) {
  ccd_ev_done e;
  memset(&e, 0, sizeof e);
  return req ? post(b, &e, sizeof e, CCD_EV_DONE, 0, req) : CCD_OK;
}
static ccd_status make(void *dev, ccd_chan ch, ccd_call call, const ccd_make *m, ccd_req req) {
  (void)dev, (void)ch, (void)call, (void)m, (void)req;
  return CCD_E_BUSY;
}
static ccd_status answer(void *dev, ccd_call call, ccd_req req) {
  ccd_ev_connected e;
  memset(&e, 0, sizeof e);
  e.supervision = CCD_SUP_SIGNALLED;
  post(dev, &e, sizeof e, CCD_EV_CONNECTED, call, 0);
  return done(dev, req);
}
static ccd_status drop(void *dev, ccd_call call, uint16_t q850, ccd_req req) {
  (void)call, (void)q850;
  hang_up(dev);
  return done(dev, req);
}

static const ccd_device_vt device_vt = {sizeof device_vt, 0, channel, start, stop, NULL, NULL, NULL};
static const ccd_call_vt call_vt = {sizeof call_vt, 0, make, NULL, NULL, answer, drop, NULL, NULL, NULL};
static const void *extension(void *drv, const char *id) {
  (void)drv;
  if (!strcmp(id, "callcore.device/1")) return &device_vt;
  if (!strcmp(id, "callcore.call/1")) return &call_vt;
  return NULL;
}
static const ccd_driver_vt vt = {sizeof vt, 0, create, destroy, enumerate, open_device, close_device, extension, NULL};

CCD_EXPORT ccd_status CCD_CALL ccd_negotiate(const ccd_offer *offer, ccd_accept *accept) {
  if (offer->abi_min > CCD_ABI_1_0 || offer->abi_max < CCD_ABI_1_0) return CCD_E_VERSION;
  accept->abi = CCD_ABI_1_0;
  accept->id = "org.callcore.test.pusher", accept->name = "pusher", accept->vendor = "nobody", accept->version = "1";
  accept->flags = 0, accept->vt = &vt;
  return CCD_OK;
}
