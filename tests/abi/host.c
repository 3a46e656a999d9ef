/* A host of version 1.MINOR for the matrix of versions: loads the driver that is its first argument, makes a call, exchanges a frame, drops it.
 * Prints "1.x" as agreed; anything that is not as the contract says is a line on stderr and exit code 1. */
#include "callcore_driver.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OWN CCD_VER(1, CCD_MINOR)
static void must(int held, int line, const char *what) { if (!held) fprintf(stderr, "host.c:%d: %s\n", line, what), exit(1); }
#define MUST(what) must(!!(what), __LINE__, #what)

static uint64_t seq, dones, connected, released, unknown;
static ccd_status post(void *ctx, const ccd_event *e) {
  (void)ctx;
  MUST(e->seq == ++seq && e->size % 8 == 0);
  if (e->type == CCD_EV_DONE) dones++, MUST(e->size >= sizeof(ccd_event) + 112 && ((const ccd_ev_done *)e)->status == 0);
  else if (e->type == CCD_EV_CONNECTED) connected++;
  else if (e->type == CCD_EV_RELEASED) released++, MUST(((const ccd_ev_disconnected *)e)->q850 == 17);
  else unknown++;
  return CCD_OK;
}
static void say(void *ctx, int32_t level, const char *target, const char *text) { (void)ctx, (void)level, (void)target, (void)text; }
static int32_t enabled(void *ctx, int32_t level, const char *target) { return (void)ctx, (void)level, (void)target, 0; }
static uint64_t now(void *ctx) { static uint64_t t; return (void)ctx, ++t; }
static ccd_status cfg_int(void *ctx, const char *path, int64_t *out) { return (void)ctx, (void)path, (void)out, CCD_E_GONE; }
static ccd_status cfg_str(void *ctx, const char *path, char *buf, size_t cap, size_t *need) { return (void)ctx, (void)path, (void)buf, (void)cap, (void)need, CCD_E_GONE; }
static const void *extension(void *ctx, const char *id) { return (void)ctx, (void)id, NULL; }

/* as much of a table as both know, with a fence behind what we asked for */
static void take(void *to, size_t room, const void *from) {
  uint32_t size = *(const uint32_t *)from;
  memset(to, 0, room), memcpy(to, from, size < room ? size : room);
}

int main(int argc, char **argv) {
  MUST(argc == 2);
  void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  MUST(library);
  ccd_negotiate_fn negotiate = (ccd_negotiate_fn)dlsym(library, "ccd_negotiate");
  ccd_offer offer = { sizeof offer, CCD_ABI_1_0, OWN, CCD_OFFER_VALIDATING, "host.c", "1", argv[1] };
  struct { ccd_accept accept; uint64_t fence; } a = { { .size = sizeof(ccd_accept) }, 0x5AFE };
  MUST(negotiate(&offer, &a.accept) == CCD_OK && a.fence == 0x5AFE && a.accept.abi >= CCD_ABI_1_0 && a.accept.abi <= OWN);
  ccd_driver_vt vt;
  take(&vt, sizeof vt, a.accept.vt);

  ccd_host host = { .size = sizeof host, .abi = a.accept.abi, .post = post, .log = say, .log_enabled = enabled, .now_ns = now, .cfg_int = cfg_int, .cfg_str = cfg_str, .extension = extension };
  void *drv = NULL, *dev = NULL;
  MUST(vt.create(&host, &drv, NULL) == CCD_OK);
  struct { ccd_device_info info; uint64_t fence; } d = { { .size = sizeof(ccd_device_info) }, 0x5AFE };
  MUST(vt.enumerate(drv, 0, &d.info) == CCD_OK && d.fence == 0x5AFE && d.info.size <= sizeof(ccd_device_info) && vt.enumerate(drv, 1, &d.info) == CCD_E_END);
  MUST(vt.open(drv, "1", &host, &dev, NULL) == CCD_OK);
  MUST(vt.extension(drv, "callcore.never/9") == NULL);
  ccd_device_vt device;
  ccd_call_vt call;
  ccd_media_vt media;
  take(&device, sizeof device, vt.extension(drv, "callcore.device/1"));
  take(&call, sizeof call, vt.extension(drv, "callcore.call/1"));
  take(&media, sizeof media, vt.extension(drv, "callcore.media/1"));
  struct { ccd_channel_info info; uint64_t fence; } c = { { .size = sizeof(ccd_channel_info) }, 0x5AFE };
  MUST(device.channel(dev, 0, &c.info) == CCD_OK && c.fence == 0x5AFE && c.info.codecs == CCD_LAW_A);
#if CCD_MINOR > 0
  /* a member that an older driver does not have stays as it was, and size says so; a function that it does not have is NULL */
  MUST(CCD_HAS(&c.info, later1) ? c.info.later1 == 99 : c.info.later1 == 0);
  MUST(device.later1 ? device.later1(dev) == 123 : a.accept.abi == CCD_ABI_1_0);
#endif

  static _Alignas(4096) uint8_t pool[2][4][64 * 3];
  ccd_media_setup setup = { .size = sizeof setup, .frame_samples = 160, .depth = 4, .stride = 192, .channels = 1, .codec = CCD_LAW_A, .base = pool, .bytes = sizeof pool, .rx_off = 0, .tx_off = sizeof pool[0], .pool_fd = -1 };
  MUST(device.start(dev, &setup, NULL) == CCD_OK);
  ccd_make make = { .size = sizeof make, .called = "8000", .calling = "", .name = "" };
#if CCD_MINOR > 0
  make.later1 = 77;
#endif
  MUST(call.make(dev, 0, 2, &make, 1) == CCD_OK && dones == 1 && connected == 1);
  uint64_t on = 1, heard = 0;
  uint8_t formats[1] = { 0 };
  ccd_tick tick = { .size = sizeof tick, .words = 1, .frame = 6, .active = &on, .tx_valid = &on, .rx_valid = &heard, .rx_format = formats, .tx_format = formats };
  memset(pool[1][2], 0x55, 160);
  MUST(media.exchange(dev, &tick) == CCD_OK && heard == 1 && !memcmp(pool[0][2], pool[1][2], 160) && pool[0][2][160] == 0);
  MUST(call.drop(dev, 2, 17, 2) == CCD_OK && dones == 2 && released == 1);
  MUST(device.stop(dev) == CCD_OK);
  vt.close(dev), vt.destroy(drv);
  printf("1.%u, %lu events it does not know\n", a.accept.abi & 0xFFFF, (unsigned long)unknown);
  return 0;
}
