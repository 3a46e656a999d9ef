//! The signalling thread: its sockets, its loop, its end.

use crate::config::Config;
use crate::gate::{Gate, Watch};
use crate::media::SipMedia;
use crate::state::{Phase, Shared, State};
use crate::{incoming, registrar, reports, trunks};
use callcore_driver_sdk::{Cause, DigitEdge, DigitKind, Error, Event, Host, MediaSetup};
use rsipstack::EndpointBuilder;
use rsipstack::dialog::dialog::{DialogStateReceiver, DialogStateSender};
use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::platform::CancellationToken;
use rsipstack::sip::{Auth, Method, Param, Transport, Uri};
use rsipstack::transaction::Endpoint;
use rsipstack::transaction::TransactionReceiver;
use rsipstack::transaction::endpoint::EndpointOption;
use rsipstack::transport::udp::UdpConnection;
use rsipstack::transport::{TcpListenerConnection, TransportLayer};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Waiting events and garbage are looked after so often.
const TICK: Duration = Duration::from_millis(200);
/// At the end, the far ends get so long to hear of it.
const GOODBYE: Duration = Duration::from_millis(800);
/// A call whose end the far end does not confirm is released after this.
const CLEARING_MAX: Duration = Duration::from_secs(4);

/// What every task of the signalling thread has.
#[derive(Clone)]
pub(crate) struct Stack {
    pub(crate) shared: Arc<Shared>,
    pub(crate) layer: Arc<DialogLayer>,
    pub(crate) states: DialogStateSender,
    pub(crate) runtime: tokio::runtime::Handle,
}

/// The running thread; dropping it ends it.
pub(crate) struct Running {
    pub(crate) stack: Stack,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// Opens the sockets and starts the thread.
    pub(crate) fn start(
        config: &Config,
        host: Host,
        setup: MediaSetup,
        next_call: Arc<AtomicU64>,
    ) -> Result<(Self, SipMedia), Error> {
        let io = |what: &str, error: &dyn std::fmt::Display| {
            Error::io(format!("listen: {}: {what}: {error}", config.listen_text))
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
        let runtime = runtime.map_err(|error| io("no runtime", &error))?;
        let (stop, watch) = (CancellationToken::new(), Arc::new(Watch::default()));
        let endpoint = runtime
            .block_on(bind(config.listen, watch.clone()))
            .map_err(|error| io("cannot listen", &error))?;
        let incoming = endpoint.incoming_transactions().map_err(|error| io("no receiver", &error))?;
        let local = listening(&endpoint).ok_or_else(|| Error::io("listen: no address"))?;
        let (media, link) = SipMedia::new(host.clone(), setup);
        let layer = Arc::new(DialogLayer::new(endpoint.inner.clone()));
        let state = State::new(config, host.clone(), link, layer.clone(), next_call);
        let (stack, states) = Stack::new(config, host, local, layer, state, runtime.handle().clone(), watch);
        let (serving, token) = (stack.clone(), stop.clone());
        let body = move || runtime.block_on(serve(serving, endpoint, incoming, states, token));
        let thread = std::thread::Builder::new().name("callcore-sip".to_owned()).spawn(body);
        let thread = thread.map_err(|error| io("no thread", &error))?;
        Ok((Self { stack, stop, thread: Some(thread) }, media))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn bind(listen: SocketAddr, watch: Arc<Watch>) -> rsipstack::Result<Endpoint> {
    // its own token: the sockets stay open while the calls are being ended
    let transport = TransportLayer::new(CancellationToken::new());
    let gate = Arc::new(Gate::bind(listen, watch)?);
    let udp = UdpConnection::from_socket(gate, None, Some(CancellationToken::new())).await?;
    transport.add_transport(udp.into());
    transport.add_transport(TcpListenerConnection::new(listen, None).await?.into());
    Ok(EndpointBuilder::new()
        .with_user_agent(concat!("callcore/", env!("CARGO_PKG_VERSION")))
        .with_transport_layer(transport)
        .with_option(EndpointOption {
            callid_suffix: Some(listen.ip().to_string()),
            ..EndpointOption::default()
        })
        .with_allows(vec![
            Method::Invite,
            Method::Ack,
            Method::Bye,
            Method::Cancel,
            Method::Options,
            Method::Info,
        ])
        .build())
}

fn listening(endpoint: &Endpoint) -> Option<SocketAddr> {
    endpoint.get_addrs().first().and_then(|address| address.get_socketaddr().ok())
}

async fn serve(
    stack: Stack,
    endpoint: Endpoint,
    mut incoming: TransactionReceiver,
    mut states: DialogStateReceiver,
    stop: CancellationToken,
) {
    let inner = endpoint.inner.clone();
    let serving = tokio::spawn(async move { inner.serve().await });
    let registrations = trunks::start(&stack);
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut ticks = 0;
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(tx) = incoming.recv() => { tokio::spawn(incoming::handle(stack.clone(), tx)); }
            Some(state) = states.recv() => stack.on_state(state),
            _ = tick.tick() => {
                ticks += 1;
                stack.look_after(ticks);
            }
        }
    }
    goodbye(&stack, &mut states, registrations).await;
    endpoint.shutdown();
    serving.abort();
}

/// Ends every call and registration, and waits a moment for the messages to leave.
async fn goodbye(stack: &Stack, states: &mut DialogStateReceiver, registrations: Vec<trunks::Registered>) {
    let calls: Vec<u64> = stack.shared.state.lock().calls.keys().copied().collect();
    for call in calls {
        // 31: normal, unspecified
        let _ = stack.clear(call, 31);
    }
    let leave = trunks::leave(registrations);
    let ended = async {
        while !stack.shared.state.lock().calls.is_empty() {
            match states.recv().await {
                Some(state) => stack.on_state(state),
                None => break,
            }
        }
        leave.await;
    };
    let _ = tokio::time::timeout(GOODBYE, ended).await;
    let rest: Vec<u64> = stack.shared.state.lock().calls.keys().copied().collect();
    let state = &mut *stack.shared.state.lock();
    rest.into_iter().for_each(|call| state.release(call));
    state.flush();
}

impl Stack {
    fn new(
        config: &Config,
        host: Host,
        local: SocketAddr,
        layer: Arc<DialogLayer>,
        state: State,
        runtime: tokio::runtime::Handle,
        watch: Arc<Watch>,
    ) -> (Self, DialogStateReceiver) {
        let (states, receiver) = layer.new_dialog_state_channel();
        let shared =
            Shared { config: config.clone(), host, local, watch, state: parking_lot::Mutex::new(state) };
        (Self { shared: Arc::new(shared), layer, states, runtime }, receiver)
    }

    pub(crate) fn log(&self, level: i32, text: &str) {
        if self.shared.host.log_enabled(level, "sip") {
            self.shared.host.log(level, "sip", text);
        }
    }

    /// Our address in a dialog, over the transport the dialog uses.
    pub(crate) fn contact(&self, transport: Option<Transport>) -> Uri {
        let mut uri = Uri::from(rsipstack::transport::SipAddr::from(self.shared.local).addr);
        uri.auth = Some(Auth { user: "callcore".to_owned(), password: None });
        if let Some(transport) = transport.filter(|t| *t != Transport::Udp) {
            uri.params.push(Param::Transport(transport));
        }
        uri
    }

    fn look_after(&self, ticks: u64) {
        let stats = self.layer.endpoint.get_stats();
        let transactions = stats.running_transactions + stats.finished_transactions;
        self.shared.watch.transactions.store(transactions, Ordering::Relaxed);
        let state = &mut *self.shared.state.lock();
        state.flush();
        registrar::expire(state, self.shared.host.now_ns());
        reports::exchange(state, ticks, self.shared.local.ip());
    }

    /// The far end has hung up.
    pub(crate) fn gone(&self, tag: &str, cause: Cause) {
        let state = &mut *self.shared.state.lock();
        if let Some(call) = state.tags.get(tag).copied() {
            state.disconnect(call, cause);
        }
    }

    /// A digit that came by signalling.
    pub(crate) fn digit(&self, tag: &str, digit: u8, ms: u32) {
        let state = &mut *self.shared.state.lock();
        let Some(id) = state.tags.get(tag).copied() else { return };
        let Some(call) = state.calls.get(&id).filter(|call| call.phase == Phase::Up) else { return };
        let (channel, kind, edge) = (call.channel, DigitKind::Dtmf, DigitEdge::Whole);
        state.post(Event::Digit { channel, call: id, kind, digit, edge, ms });
    }

    /// Releases a call that waits for its far end, should that never say anything.
    pub(crate) fn release_later(&self, call: u64) {
        let stack = self.clone();
        self.runtime.spawn(async move {
            tokio::time::sleep(CLEARING_MAX).await;
            stack.shared.state.lock().release_cleared(call);
        });
    }
}
