//! What a packet costs on the wire, by several ways through the kernel, in one run: each way carries as many streams over
//! loopback, one packet in and one out for each stream and frame, and they take turns.
//!
//! `cargo run --release -p callcore-driver-sip --example wire_cost`; with `paced` there are 4 ms between frames: caches are
//! cold then, as they are in a node that does other things.
//!
//! With `alone CALLS` it tells what so many two-party calls cost this machine now that are nothing but their packets: no node
//! can be cheaper. `tests/load/measure.py` sets it beside what a node needs.
//!
//! Why the driver has a connected socket for each far end that stays where it is: it saves about a tenth. io_uring costs more
//! than it saves. (Linux 6.18.)

#[cfg(target_os = "linux")]
fn main() {
    linux::main();
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("compares system calls of Linux");
}

#[cfg(target_os = "linux")]
mod linux {
    use io_uring::squeue::{Entry, Flags};
    use io_uring::{IoUring, cqueue, opcode, types};
    use std::net::{SocketAddr, UdpSocket};
    use std::os::fd::AsRawFd;
    use std::sync::atomic::{AtomicU16, Ordering};
    use std::time::{Duration, Instant};

    /// An RTP header and 20 ms of G.711.
    const PACKET: usize = 172;
    /// Streams of a node, small to large.
    const STREAMS: [usize; 3] = [200, 500, 1000];
    /// Turns of each way and frames in a turn; the first turns only warm up.
    const TURNS: usize = 40;
    const WARM: usize = 4;
    const FRAMES: usize = 10;

    /// The sockets of all streams. They are pairs that send to each other, so each packet is sent and received here.
    struct Streams {
        sockets: Vec<UdpSocket>,
        peers: Vec<SocketAddr>,
    }

    impl Streams {
        fn open(count: usize, connected: bool) -> Self {
            let open = |_| {
                let socket =
                    UdpSocket::bind("127.0.0.1:0").expect("a port is free: ulimit -n must be above 12,000");
                socket.set_nonblocking(true).expect("a socket can be");
                socket
            };
            let sockets: Vec<UdpSocket> = (0..count).map(open).collect();
            let address = |n: usize| sockets[n].local_addr().expect("is bound");
            let peers: Vec<SocketAddr> = (0..count).map(|n| address(n ^ 1)).collect();
            if connected {
                let connect = |(socket, peer): (&UdpSocket, &SocketAddr)| socket.connect(peer);
                sockets.iter().zip(&peers).try_for_each(connect).expect("loopback is there");
            }
            Self { sockets, peers }
        }
    }

    /// One way of receiving and sending a packet of each stream.
    trait Way {
        fn name(&self) -> &'static str;
        /// Gives how many packets came, and how many system calls it took.
        fn frame(&mut self) -> (usize, usize);
    }

    struct Plain(Streams);

    impl Way for Plain {
        fn name(&self) -> &'static str {
            "recv_from, send_to"
        }

        fn frame(&mut self) -> (usize, usize) {
            let (mut came, mut buffer) = (0, [0; 2048]);
            for (socket, peer) in self.0.sockets.iter().zip(&self.0.peers) {
                came += usize::from(socket.recv_from(&mut buffer).is_ok());
                let _ = socket.send_to(&[7; PACKET], peer);
            }
            (came, 2 * self.0.sockets.len())
        }
    }

    struct Connected(Streams);

    impl Way for Connected {
        fn name(&self) -> &'static str {
            "connected: recv, send"
        }

        fn frame(&mut self) -> (usize, usize) {
            let (mut came, mut buffer) = (0, [0; 2048]);
            for socket in &self.0.sockets {
                came += usize::from(socket.recv(&mut buffer).is_ok());
                let _ = socket.send(&[7; PACKET]);
            }
            (came, 2 * self.0.sockets.len())
        }
    }

    /// What the kernel reads and writes for one stream; it has a fixed place.
    struct Slot {
        message: libc::msghdr,
        vector: libc::iovec,
        from: libc::sockaddr_in,
        to: libc::sockaddr_in,
        heard: [u8; 512],
        said: [u8; PACKET],
    }

    fn c_address(address: SocketAddr) -> libc::sockaddr_in {
        let SocketAddr::V4(v4) = address else { unreachable!("bound to 127.0.0.1") };
        libc::sockaddr_in {
            sin_family: libc::AF_INET as u16,
            sin_port: v4.port().to_be(),
            sin_addr: libc::in_addr { s_addr: u32::from(*v4.ip()).to_be() },
            sin_zero: [0; 8],
        }
    }

    const ADDRESS: libc::socklen_t = size_of::<libc::sockaddr_in>() as libc::socklen_t;

    #[allow(clippy::vec_box)] // a slot points into itself and must not move
    fn slots(streams: &Streams) -> Vec<Box<Slot>> {
        let slot = |peer: &SocketAddr| {
            // SAFETY: integers and pointers, for which zero is a value.
            let mut slot: Box<Slot> = Box::new(unsafe { std::mem::zeroed() });
            slot.to = c_address(*peer);
            slot.vector = libc::iovec { iov_base: slot.heard.as_mut_ptr().cast(), iov_len: slot.heard.len() };
            slot.message.msg_name = (&raw mut slot.from).cast();
            slot.message.msg_iov = &raw mut slot.vector;
            slot.message.msg_iovlen = 1;
            slot
        };
        streams.peers.iter().map(slot).collect()
    }

    #[derive(Clone, Copy, PartialEq)]
    enum Receive {
        /// `recvmsg` of each socket, asked for in each frame.
        Asked,
        /// `recv` of connected sockets, asked for in each frame.
        AskedConnected,
        /// `recvmsg` that is asked for once and goes on (multishot), into buffers that are given back.
        GoesOn,
    }

    /// Everything of a frame in one call of io_uring, with registered sockets.
    #[allow(clippy::vec_box)] // as above
    struct Uring {
        ring: IoUring,
        _open: Streams,
        slots: Vec<Box<Slot>>,
        receive: Receive,
        buffers: Option<Buffers>,
    }

    /// Marks completions of what was sent.
    const SENT: u64 = 1 << 32;

    impl Uring {
        fn new(count: usize, receive: Receive) -> std::io::Result<Self> {
            let streams = Streams::open(count, receive == Receive::AskedConnected);
            let ring = IoUring::builder()
                .setup_single_issuer()
                .setup_defer_taskrun()
                .setup_cqsize((4 * count).next_power_of_two() as u32)
                .build((2 * count).next_power_of_two() as u32)?;
            let sockets: Vec<i32> = streams.sockets.iter().map(AsRawFd::as_raw_fd).collect();
            ring.submitter().register_files(&sockets)?;
            let goes_on = receive == Receive::GoesOn;
            let buffers = goes_on.then(|| Buffers::register(&ring, 2 * count)).transpose()?;
            let mut uring = Self { slots: slots(&streams), ring, _open: streams, receive, buffers };
            if goes_on {
                for n in 0..count {
                    let message = &raw const uring.slots[n].message;
                    let entry = opcode::RecvMsgMulti::new(types::Fixed(n as u32), message, 0).build();
                    uring.push(entry.user_data(n as u64));
                }
                uring.ring.submit()?;
            }
            Ok(uring)
        }

        fn push(&mut self, entry: Entry) {
            // SAFETY: what an entry points to is in a slot, which lives as long as the ring.
            unsafe { self.ring.submission().push(&entry) }.expect("there is room for all streams, both ways");
        }

        fn ask(&mut self) {
            for n in 0..self.slots.len() {
                let slot = &mut *self.slots[n];
                slot.message.msg_namelen = ADDRESS;
                let (socket, now) = (types::Fixed(n as u32), libc::MSG_DONTWAIT);
                let entry = match self.receive {
                    Receive::AskedConnected => {
                        opcode::Recv::new(socket, slot.heard.as_mut_ptr(), slot.heard.len() as u32)
                            .flags(now)
                            .build()
                    }
                    _ => opcode::RecvMsg::new(socket, &raw mut slot.message).flags(now as u32).build(),
                };
                self.push(entry.user_data(n as u64));
            }
        }

        fn send(&mut self) {
            for n in 0..self.slots.len() {
                let slot = &mut *self.slots[n];
                slot.said[0] = 0x80;
                let entry = opcode::Send::new(types::Fixed(n as u32), slot.said.as_ptr(), PACKET as u32);
                let entry = entry.flags(libc::MSG_DONTWAIT);
                let entry = match self.receive {
                    Receive::AskedConnected => entry,
                    _ => entry.dest_addr((&raw const slot.to).cast()).dest_addr_len(ADDRESS),
                };
                self.push(entry.build().user_data(SENT).flags(Flags::SKIP_SUCCESS));
            }
        }
    }

    impl Way for Uring {
        fn name(&self) -> &'static str {
            match self.receive {
                Receive::Asked => "io_uring: recvmsg, sendto",
                Receive::AskedConnected => "io_uring, connected: recv, send",
                Receive::GoesOn => "io_uring: multishot recvmsg, sendto",
            }
        }

        fn frame(&mut self) -> (usize, usize) {
            if self.receive != Receive::GoesOn {
                self.ask();
            }
            // both in one call: what was sent in the frame before is there
            self.send();
            let count = self.ring.submission().len() as u32;
            // SAFETY: no argument; the entries are those that were pushed. 1 lets what is due be done, without waiting.
            unsafe { self.ring.submitter().enter::<()>(count, 0, 1, None) }.expect("the ring is there");
            let mut came = 0;
            let done = self.ring.completion().map(|c| (c.user_data(), c.result(), c.flags()));
            for (of, result, flags) in done {
                came += usize::from(of != SENT && result > 0);
                if let (Some(buffers), Some(id)) = (&mut self.buffers, cqueue::buffer_select(flags)) {
                    buffers.give(id);
                }
                assert!(
                    self.receive != Receive::GoesOn || of == SENT || cqueue::more(flags),
                    "it went out of buffers"
                );
            }
            (came, 1)
        }
    }

    /// Buffers that the kernel takes from and we give back, in a ring that both see.
    struct Buffers {
        ring: *mut types::BufRingEntry,
        bytes: Vec<u8>,
        entries: u16,
        tail: u16,
    }

    /// A header, an address and a packet.
    const BUFFER: usize = 512;

    impl Buffers {
        fn register(ring: &IoUring, count: usize) -> std::io::Result<Self> {
            let entries = count.next_power_of_two() as u16;
            let layout =
                std::alloc::Layout::from_size_align(usize::from(entries) * 16, 4096).expect("a few pages");
            // SAFETY: the layout is not empty. It is never freed: the program ends with the ring.
            let place = unsafe { std::alloc::alloc_zeroed(layout) }.cast::<types::BufRingEntry>();
            // SAFETY: the place has that many entries and lives longer than the ring.
            unsafe { ring.submitter().register_buf_ring_with_flags(place as u64, entries, 0, 0) }?;
            let bytes = vec![0; usize::from(entries) * BUFFER];
            let mut buffers = Self { ring: place, bytes, entries, tail: 0 };
            (0..entries).for_each(|id| buffers.give(id));
            Ok(buffers)
        }

        fn give(&mut self, id: u16) {
            // SAFETY: inside the ring; the bytes live as long as it. The tail is the first entry's, and the kernel only reads it.
            unsafe {
                let entry = &mut *self.ring.add(usize::from(self.tail & (self.entries - 1)));
                entry.set_addr(self.bytes.as_mut_ptr().add(usize::from(id) * BUFFER) as u64);
                entry.set_len(BUFFER as u32);
                entry.set_bid(id);
                self.tail = self.tail.wrapping_add(1);
                let tail = types::BufRingEntry::tail(self.ring).cast::<AtomicU16>();
                (*tail).store(self.tail, Ordering::Release);
            }
        }
    }

    /// Processor time of this process or thread in microseconds: its own, and the kernel's for it.
    fn spent(whose: libc::c_int) -> (f64, f64) {
        // SAFETY: zero is a value, and the call writes no more than the struct.
        let usage = unsafe {
            let mut usage: libc::rusage = std::mem::zeroed();
            libc::getrusage(whose, &raw mut usage);
            usage
        };
        let us = |time: libc::timeval| time.tv_sec as f64 * 1e6 + time.tv_usec as f64;
        (us(usage.ru_utime), us(usage.ru_stime))
    }

    #[derive(Clone, Copy, Default)]
    struct Sum {
        user: f64,
        system: f64,
        packets: usize,
        calls: usize,
    }

    fn turn(way: &mut dyn Way, paced: bool, sum: &mut Sum) {
        for _ in 0..FRAMES {
            if paced {
                std::thread::sleep(Duration::from_millis(4));
            }
            let before = spent(libc::RUSAGE_SELF);
            let (came, calls) = way.frame();
            let after = spent(libc::RUSAGE_SELF);
            sum.user += after.0 - before.0;
            sum.system += after.1 - before.1;
            sum.packets += came;
            sum.calls += calls;
        }
    }

    fn compare(streams: usize, paced: bool) {
        let mut ways: Vec<Box<dyn Way>> = vec![
            Box::new(Plain(Streams::open(streams, false))),
            Box::new(Connected(Streams::open(streams, true))),
        ];
        for receive in [Receive::Asked, Receive::AskedConnected, Receive::GoesOn] {
            match Uring::new(streams, receive) {
                Ok(uring) => ways.push(Box::new(uring)),
                Err(why) => println!("no io_uring here: {why}"),
            }
        }
        let mut sums = vec![Sum::default(); ways.len()];
        for n in 0..TURNS {
            for (way, sum) in ways.iter_mut().zip(&mut sums) {
                let mut warm = Sum::default();
                turn(way.as_mut(), paced, if n < WARM { &mut warm } else { sum });
            }
        }
        let each = |sum: &Sum| (sum.user + sum.system) / sum.packets as f64;
        println!("{streams} streams:");
        for (way, sum) in ways.iter().zip(&sums) {
            let packets = sum.packets as f64;
            println!(
                "  {:36} {:5.2} us for a packet in and out ({:.2} user, {:.2} kernel), {:+6.1} %; {:6.1} calls a frame; {} came",
                way.name(),
                each(sum),
                sum.user / packets,
                sum.system / packets,
                (each(sum) / each(&sums[0]) - 1.0) * 100.0,
                sum.calls as f64 / ((TURNS - WARM) * FRAMES) as f64,
                sum.packets
            );
        }
    }

    /// Milliseconds of CPU for a second of a call of two parties: two packets in and two out every 20 ms, one after the other.
    /// The far ends are another thread's.
    fn alone(calls: usize) -> f64 {
        const PERIOD: Duration = Duration::from_millis(20);
        const SECONDS: u32 = 10;
        let streams = Streams::open(4 * calls, true).sockets;
        let (ours, theirs): (Vec<_>, Vec<_>) = streams.into_iter().enumerate().partition(|(n, _)| n % 2 == 0);
        let take = |sockets: &[(usize, UdpSocket)], buffer: &mut [u8]| {
            sockets.iter().filter(|(_, socket)| socket.recv(buffer).is_ok()).count()
        };
        let give = |sockets: &[(usize, UdpSocket)]| {
            sockets.iter().for_each(|(_, socket)| drop(socket.send(&[7; PACKET])));
        };
        let frames = SECONDS * 50;
        let tick = |next: &mut Instant| {
            *next += PERIOD;
            std::thread::sleep(next.saturating_duration_since(Instant::now()));
        };
        let mut next = Instant::now();
        // half a frame between them, so that neither waits for the other
        let mut far_next = next + PERIOD / 2;
        let far = std::thread::spawn(move || {
            for _ in 0..=frames {
                give(&theirs);
                tick(&mut far_next);
                take(&theirs, &mut [0; 2048]);
            }
        });
        let (mut came, before) = (0, spent(libc::RUSAGE_THREAD));
        for _ in 0..frames {
            tick(&mut next);
            came += take(&ours, &mut [0; 2048]);
            give(&ours);
        }
        let after = spent(libc::RUSAGE_THREAD);
        far.join().expect("the far ends do not panic");
        let all = 2 * calls * frames as usize;
        assert!(came > all * 9 / 10, "only {came} of {all} packets came: the machine is too busy");
        (after.0 + after.1 - before.0 - before.1) / 1000.0 / calls as f64 / f64::from(SECONDS)
    }

    pub(super) fn main() {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        if let [word, calls] = &arguments[..]
            && word == "alone"
        {
            println!("{:.3}", alone(calls.parse().expect("alone CALLS: how many calls")));
            return;
        }
        let paced = arguments.iter().any(|argument| argument == "paced");
        STREAMS.into_iter().for_each(|streams| compare(streams, paced));
    }
}
