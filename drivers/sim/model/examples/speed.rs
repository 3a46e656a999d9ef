//! How fast the model runs: a plain host answers, plays a menu, finds an agent; `cargo run --release --example speed`.

use callcore_sim_model::*;
use std::time::Instant;

struct Host {
    world: World,
    partner: Vec<Option<u32>>,
    next_call: u64,
    events: u64,
}

impl Host {
    fn on(&mut self, now: u64, event: &Event) -> Result<(), Refusal> {
        self.events += 1;
        let (channel, call, trunk) = (event.channel, event.call, event.channel < self.world.config().trunks);
        match event.what {
            What::Incoming { .. } => self.world.handle_command(now, Command::Answer { call })?,
            What::Connected if trunk => self.world.handle_heard(now, channel, Heard::Machine),
            What::Connected => self.bridge(now, channel),
            What::Digit { .. } => self.find_agent(now, channel)?,
            What::Disconnected { .. } => self.end(now, channel, call)?,
            _ => {}
        }
        Ok(())
    }

    fn find_agent(&mut self, now: u64, caller: u32) -> Result<(), Refusal> {
        let trunks = self.world.config().trunks;
        let agent = (trunks..self.world.channels()).find(|agent| self.partner[*agent as usize].is_none());
        if let Some(agent) = agent {
            self.partner[agent as usize] = Some(caller);
            self.partner[caller as usize] = Some(agent);
            self.next_call += 2;
            let (call, number) = (self.next_call, "100".into());
            self.world.handle_command(
                now,
                Command::Make {
                    channel: agent,
                    call,
                    called: number,
                    calling: "".into(),
                    timeout_ms: 0,
                    overlap: false,
                },
            )?;
        }
        Ok(())
    }

    fn bridge(&mut self, now: u64, agent: u32) {
        for channel in [Some(agent), self.partner[agent as usize]].into_iter().flatten() {
            self.world.handle_heard(now, channel, Heard::Person);
        }
    }

    fn end(&mut self, now: u64, channel: u32, call: u64) -> Result<(), Refusal> {
        if let Some(partner) = self.partner[channel as usize].take() {
            self.partner[partner as usize] = None;
            if let Some(call) = self.world.call_on(partner) {
                self.world.handle_command(now, Command::Drop { call, q850: 16 })?;
            }
        }
        self.world.handle_command(now, Command::Drop { call, q850: 16 })
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arrivals = Arrivals { per_hour: 20_000.0, total: Some(1_000_000), ..Arrivals::default() };
    let mut config = WorldConfig { trunks: 2_000, extensions: 1_200, arrivals, ..WorldConfig::default() };
    config.caller.digits = vec![('1', 1)];
    let world = World::new(config)?;
    let mut host = Host { partner: vec![None; world.channels() as usize], world, next_call: 0, events: 0 };
    let begun = Instant::now();
    while let Some(now) = host.world.poll_timeout() {
        host.world.handle_timeout(now);
        while let Some(event) = host.world.poll_event() {
            host.on(now, &event)?;
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!("{} events in {seconds:.2} s: {:.2} M/s", host.events, host.events as f64 / seconds / 1e6);
    println!("{:?}", host.world.stats());
    Ok(())
}
