/* A driver that breaks the contract in the way its configuration names: loaded from a library, as a vendor's would be. */
#include "callcore_driver.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct rogue {
  ccd_host host;
  pthread_t thread;
  volatile int running;
  char mode[32];
  uint64_t seq;
  int posted;
  pthread_mutex_t lock;
} rogue;

static void rest_ms(long ms) {
  struct timespec t = {ms / 1000, (ms % 1000) * 1000000};
  nanosleep(&t, NULL);
}

static ccd_status post(rogue *r, void *event, size_t size, uint16_t type, ccd_chan ch, ccd_call call) {
  ccd_event *h = event;
  pthread_mutex_lock(&r->lock);
  h->size = (uint32_t)size, h->type = type, h->chan = ch, h->call = call;
  h->t_ns = r->host.now_ns(r->host.ctx), h->seq = r->seq + 1;
  ccd_status s = r->host.post(r->host.ctx, h);
  if (s != CCD_E_FULL) r->seq++;
  pthread_mutex_unlock(&r->lock);
  return s;
}

static void incoming(rogue *r, ccd_chan ch, ccd_call call) {
  ccd_ev_incoming e;
  memset(&e, 0, sizeof e);
  strcpy(e.called, "9000"), strcpy(e.calling, "5555"), e.complete = 1;
  while (post(r, &e, sizeof e, CCD_EV_INCOMING, ch, call) == CCD_E_FULL) rest_ms(1);
}

/* as many events as there is room for: of a phone that comes and goes */
static void flood(rogue *r) {
  ccd_ev_endpoint e;
  memset(&e, 0, sizeof e);
  strcpy(e.address, "1001");
  while (r->running) {
    e.up = !e.up;
    if (post(r, &e, sizeof e, CCD_EV_ENDPOINT, CCD_NO_CHAN, 0) != CCD_OK) rest_ms(1);
  }
}

/* and of calls that nobody knows */
static void storm(rogue *r) {
  ccd_ev_progress e;
  memset(&e, 0, sizeof e);
  for (ccd_call call = 1; r->running; call += 2) {
    if (post(r, &e, sizeof e, CCD_EV_ALERTING, 0, call) != CCD_OK) rest_ms(1);
  }
}

/* events that cannot be: nine of them */
static void garbage(rogue *r) {
  uint64_t words[600];
  ccd_event *h = (ccd_event *)words;
  memset(words, 0xA5, sizeof words);
  h->size = 0, r->host.post(r->host.ctx, h);
  h->size = 47, r->host.post(r->host.ctx, h);
  h->size = 8192, r->host.post(r->host.ctx, h);
  r->host.post(r->host.ctx, NULL); /* answered, not counted */
  post(r, words, 48, CCD_EV_INCOMING, 0, 1);                       /* too short for its type */
  post(r, words, sizeof(ccd_ev_progress), CCD_EV_ALERTING, 99, 1); /* no such channel */
  post(r, words, sizeof(ccd_ev_progress), CCD_EV_ALERTING, 0, 0);  /* no call */
  post(r, words, sizeof(ccd_ev_digit), CCD_EV_DIGIT, 99, 1);       /* kind 0xA5 is nobody's: ignored */
  ccd_ev_digit digit;
  memset(&digit, 0, sizeof digit);
  digit.kind = CCD_DIGIT_DTMF, digit.digit = 'Z', digit.edge = 3;
  post(r, &digit, sizeof digit, CCD_EV_DIGIT, 0, 1);               /* no digit */
  post(r, words, 48, 9999, 0, 1);                                  /* a type of another time: ignored */
  post(r, words, 48, CCD_EV_RELEASED, CCD_NO_CHAN, 1);             /* too short */
  post(r, words, 48, CCD_EV_HELD, CCD_NO_CHAN, 1);                 /* no channel */
}

static void *run(void *arg) {
  rogue *r = arg;
  if (!strcmp(r->mode, "flood")) flood(r);
  if (!strcmp(r->mode, "storm")) storm(r);
  if (!strcmp(r->mode, "garbage")) garbage(r);
  if (!strcmp(r->mode, "gap")) r->seq += 5, incoming(r, 0, 1);
  if (!strcmp(r->mode, "stuck") || !strcmp(r->mode, "refuse")) incoming(r, 0, 1);
  return NULL;
}

static ccd_status create(const ccd_host *host, void **drv, ccd_error *err) {
  rogue *r = calloc(1, sizeof *r);
  r->host = *host;
  size_t need;
  if (host->cfg_str(host->ctx, "mode", r->mode, sizeof r->mode, &need) != CCD_OK) {
    strcpy(err->text, "mode: say how to break the contract"), err->code = CCD_E_CONFIG, err->vendor_code = 4711;
    free(r);
    return CCD_E_CONFIG;
  }
  *drv = r;
  return CCD_OK;
}

static void destroy(void *drv) { free(drv); }

static ccd_status enumerate(void *drv, uint32_t index, ccd_device_info *out) {
  rogue *r = drv;
  uint32_t count = !strcmp(r->mode, "two") ? 2 : 1;
  if (index >= count) return CCD_E_END;
  uint32_t size = out->size < sizeof *out ? out->size : (uint32_t)sizeof *out;
  memset(out, 0, size);
  out->size = size, out->channels = 2, out->paced_by = CCD_PACED_BY_HOST;
  strcpy(out->uid, index ? "rogue1" : "rogue0");
  return CCD_OK;
}

static ccd_status open_device(void *drv, const char *uid, const ccd_host *host, void **dev, ccd_error *err) {
  (void)uid, (void)err;
  rogue *r = calloc(1, sizeof *r);
  memcpy(r->mode, ((rogue *)drv)->mode, sizeof r->mode);
  r->host = *host;
  pthread_mutex_init(&r->lock, NULL);
  *dev = r;
  return CCD_OK;
}

static void close_device(void *dev) { free(dev); }

static ccd_status channel(void *dev, ccd_chan ch, ccd_channel_info *out) {
  (void)dev;
  if (ch >= 2) return CCD_E_ARG;
  uint32_t size = out->size;
  memset(out, 0, size);
  out->size = size, out->kind = CCD_KIND_BEARER, out->codecs = CCD_LAW_A, out->frame_min = 8, out->frame_max = 800;
  return CCD_OK;
}

static ccd_status start(void *dev, const ccd_media_setup *m, ccd_error *err) {
  (void)m, (void)err;
  rogue *r = dev;
  r->running = 1;
  return pthread_create(&r->thread, NULL, run, r) ? CCD_E_NOMEM : CCD_OK;
}

static ccd_status stop(void *dev) {
  rogue *r = dev;
  r->running = 0;
  pthread_join(r->thread, NULL);
  return CCD_OK;
}

static ccd_status done(rogue *r, ccd_req req) {
  ccd_ev_done e;
  memset(&e, 0, sizeof e);
  e.h.req = req;
  while (post(r, &e, sizeof e, CCD_EV_DONE, 0, 0) == CCD_E_FULL && r->running) rest_ms(1);
  return CCD_OK;
}

static ccd_status replay(void *dev, ccd_chan ch, ccd_req req) {
  if (ch == 0) incoming(dev, 0, 1);
  return done(dev, req);
}

static ccd_status answer(void *dev, ccd_call call, ccd_req req) {
  rogue *r = dev;
  if (!strcmp(r->mode, "refuse")) return CCD_E_GLARE;
  if (!strcmp(r->mode, "stuck")) {
    for (;;) rest_ms(1000); /* for ever: the thread is lost */
  }
  ccd_ev_connected e;
  memset(&e, 0, sizeof e);
  post(r, &e, sizeof e, CCD_EV_CONNECTED, 0, call);
  return done(r, req);
}

static ccd_status drop(void *dev, ccd_call call, uint16_t q850, ccd_req req) {
  ccd_ev_disconnected e;
  memset(&e, 0, sizeof e);
  e.q850 = q850;
  post(dev, &e, sizeof e, CCD_EV_RELEASED, 0, call);
  return done(dev, req);
}

static const ccd_device_vt device_vt = {sizeof device_vt, 0, channel, start, stop, NULL, replay, NULL};
/* as an older minor version would have it: the table ends after drop */
static const ccd_call_vt call_vt = {offsetof(ccd_call_vt, hold), 0, NULL, NULL, NULL, answer, drop, NULL, NULL, NULL};

/* a frame that never comes back */
static ccd_status freeze(void *dev, ccd_tick *t) {
  (void)dev, (void)t;
  for (;;) rest_ms(1000);
  return CCD_OK;
}
static const ccd_media_vt media_vt = {sizeof media_vt, 0, NULL, NULL, NULL, freeze};

static const void *extension(void *drv, const char *id) {
  if (!strcmp(id, "callcore.media/1") && !strcmp(((rogue *)drv)->mode, "freeze")) return &media_vt;
  if (!strcmp(id, "callcore.device/1")) return &device_vt;
  if (!strcmp(id, "callcore.call/1")) return &call_vt;
  return NULL;
}

static const char *schema(void) { return "{}"; }

static const ccd_driver_vt vt = {sizeof vt, 0, create, destroy, enumerate, open_device, close_device, extension, schema};

ccd_status ccd_negotiate(const ccd_offer *offer, ccd_accept *accept) {
  if (offer->abi_min > CCD_ABI_1_0 || offer->abi_max < CCD_ABI_1_0) return CCD_E_VERSION;
  accept->abi = CCD_ABI_1_0;
  accept->id = "org.callcore.test.rogue", accept->name = "rogue", accept->vendor = "nobody", accept->version = "1";
  accept->flags = 0, accept->vt = &vt;
  return CCD_OK;
}
