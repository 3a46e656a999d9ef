/* A driver of version 1.MINOR for the matrix of versions: CCD_MINOR is given to the compiler, and the header is that version's.
 * What a later version has is appended to the structs as `later1`, `later2`; see tests/tests/contract/minors.rs. */
#include "callcore_driver.h"
#include <stdlib.h>
#include <string.h>

#define OWN CCD_VER(1, CCD_MINOR)
typedef struct { const ccd_host *host; uint32_t abi; uint64_t seq; ccd_call call; int pending; ccd_media_setup pool; } board;
static uint32_t agreed;

static void post(board *b, void *event, uint32_t size, uint16_t type, ccd_chan ch, ccd_call call) {
  ccd_event *e = event;
  e->size = size, e->type = type, e->chan = ch, e->call = call, e->seq = ++b->seq, e->t_ns = b->host->now_ns(b->host->ctx);
  b->host->post(b->host->ctx, e);
}
static ccd_status done(board *b, ccd_req req, ccd_chan ch, ccd_call call) {
  ccd_ev_done e = { .h.req = req };
#if CCD_MINOR > 0
  e.later1 = 0xABCDEF; /* an older host reads what it knows of a longer event */
  struct { ccd_event h; uint64_t news[4]; } unknown = { .news = { 1, 2, 3, 4 } };
  post(b, &unknown, sizeof unknown, 200 + CCD_MINOR, ch, 0); /* an event that an older host does not know */
#endif
  if (req) post(b, &e, sizeof e, CCD_EV_DONE, ch, call);
  return CCD_OK;
}
static ccd_status make(void *dev, ccd_chan ch, ccd_call call, const ccd_make *m, ccd_req req) {
  board *b = dev;
  if (ch || b->call) return CCD_E_BUSY;
#if CCD_MINOR > 0
  if (CCD_HAS(m, later1) && m->later1 != 77) return CCD_E_ARG; /* there only from a host that has it */
#else
  if (!CCD_HAS(m, json)) return CCD_E_ARG;
#endif
  b->call = call;
  done(b, req, ch, call);
  ccd_ev_connected up = { .supervision = CCD_SUP_SIGNALLED };
  return post(b, &up, sizeof up, CCD_EV_CONNECTED, ch, call), CCD_OK;
}
static ccd_status drop(void *dev, ccd_call call, uint16_t q850, ccd_req req) {
  board *b = dev;
  if (!call || call != b->call) return CCD_E_GONE;
  ccd_ev_disconnected e = { .q850 = q850, .how = CCD_HOW_SIGNALLED };
  done(b, req, 0, call), b->call = 0;
  return post(b, &e, sizeof e, CCD_EV_RELEASED, 0, call), CCD_OK;
}
static ccd_status answer(void *dev, ccd_call call, ccd_req req) { return (void)dev, (void)call, (void)req, CCD_E_GONE; }
static ccd_status exchange(void *dev, ccd_tick *t) {
  board *b = dev;
  const ccd_media_setup *p = &b->pool;
  uint64_t slot = (t->frame & (p->depth - 1)) * p->channels * p->stride;
  if (!(t->active[0] & t->tx_valid[0] & 1)) return CCD_OK;
  memcpy((char *)p->base + p->rx_off + slot, (char *)p->base + p->tx_off + slot, p->frame_samples);
  t->rx_valid[0] |= 1;
  return CCD_OK;
}
static void put(void *out, uint32_t room, void *from, uint32_t size) {
  memcpy(from, room < size ? &room : &size, sizeof size), memcpy(out, from, room < size ? room : size);
}
static ccd_status channel(void *dev, ccd_chan ch, ccd_channel_info *out) {
  ccd_channel_info info = { .kind = CCD_KIND_BEARER, .signalling = CCD_SIG_PRI_USER, .codecs = CCD_LAW_A, .caps = CCD_CAP(CCD_CAPB_DISCONNECT_SUPERVISION) };
#if CCD_MINOR > 0
  info.later1 = 99, info.caps |= CCD_CAP(60);
#endif
  if (!dev || ch) return CCD_E_ARG;
  return put(out, out->size, &info, sizeof info), CCD_OK;
}
static ccd_status start(void *dev, const ccd_media_setup *m, ccd_error *err) {
  (void)err, memcpy(&((board *)dev)->pool, m, m->size < sizeof *m ? m->size : sizeof *m);
  return CCD_OK;
}
static ccd_status stop(void *dev) { return (void)dev, CCD_OK; }
static ccd_status create(const ccd_host *host, void **drv, ccd_error *err) {
  (void)err;
  if (!host || host->abi != agreed || !CCD_HAS(host, extension)) return CCD_E_VERSION;
  return (*drv = calloc(1, sizeof(board))) ? CCD_OK : CCD_E_NOMEM;
}
static ccd_status enumerate(void *drv, uint32_t index, ccd_device_info *out) {
  ccd_device_info info = { .channels = 1, .paced_by = CCD_PACED_BY_HOST, .uid = "1" };
  if (!drv || index) return CCD_E_END;
  return put(out, out->size, &info, sizeof info), CCD_OK;
}
static ccd_status open_device(void *drv, const char *uid, const ccd_host *host, void **dev, ccd_error *err) {
  (void)uid, (void)err;
  return *(board *)drv = (board){ .host = host }, *dev = drv, CCD_OK;
}
static void close_device(void *dev) { (void)dev; }
#if CCD_MINOR > 0
static ccd_status later(void *dev) { return (void)dev, 123; }
static const ccd_device_vt device_vt = { sizeof device_vt, 0, channel, start, stop, NULL, NULL, NULL, later CCD_MORE };
static const ccd_call_vt call_vt = { sizeof call_vt, 0, make, NULL, NULL, answer, drop, NULL, NULL, NULL, later CCD_MORE };
#else
static const ccd_device_vt device_vt = { sizeof device_vt, 0, channel, start, stop, NULL, NULL, NULL };
static const ccd_call_vt call_vt = { sizeof call_vt, 0, make, NULL, NULL, answer, drop, NULL, NULL, NULL };
#endif
static const ccd_media_vt media_vt = { .size = sizeof media_vt, .exchange = exchange };
static const void *extension(void *drv, const char *id) {
  (void)drv;
  if (!strcmp(id, "callcore.device/1")) return &device_vt;
  if (!strcmp(id, "callcore.call/1")) return &call_vt;
#if CCD_MINOR > 0
  if (!strcmp(id, "callcore.later/1")) return &media_vt;
#endif
  return strcmp(id, "callcore.media/1") ? NULL : &media_vt;
}
static const ccd_driver_vt driver_vt = { .size = sizeof driver_vt, .create = create, .destroy = free, .enumerate = enumerate, .open = open_device,
  .close = close_device, .extension = extension };
ccd_status ccd_negotiate(const ccd_offer *offer, ccd_accept *accept) {
  if (!offer || !accept || offer->size < sizeof *offer || accept->size < sizeof *accept) return CCD_E_ARG;
  accept->abi = OWN;
  if (offer->abi_min > OWN || offer->abi_max < CCD_ABI_1_0) return CCD_E_VERSION;
  agreed = offer->abi_max < OWN ? offer->abi_max : OWN; /* the newest that both speak */
  *accept = (ccd_accept){ .size = sizeof *accept, .abi = agreed, .id = "org.callcore.minors", .name = "minors", .vendor = "callcore", .version = "1", .vt = &driver_vt };
  return CCD_OK;
}
