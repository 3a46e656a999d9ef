//! The board of a centre on a terminal, drawn anew each time: lines, queues, agents. Plain ANSI, 80 columns, 24 rows.

use crate::output::duration;
use callcore::exchange::snapshot::{AgentView, CallView, ChannelView, QueueView, Snapshot};
use std::fmt::Write as _;
use std::io::{self, Write};

const WIDTH: usize = 78;
const HALF: usize = 39;

const RESET: &str = "\x1b[0m";
const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const BLUE: &str = "\x1b[34m";
const CYAN: &str = "\x1b[36m";

/// The terminal's other screen, for as long as this lives; whatever was on it before comes back.
pub(crate) struct Screen(());

impl Screen {
    pub(crate) fn open() -> Self {
        let _ = write!(io::stdout(), "\x1b[?1049h\x1b[?25l\x1b[2J");
        Self(())
    }

    /// Show a picture.
    pub(crate) fn show(&self, picture: &str) {
        let lines = picture.replace('\n', "\x1b[K\n");
        let mut out = io::stdout().lock();
        // a terminal that is gone ends the demo by its signal
        let _ = write!(out, "\x1b[H{lines}\x1b[J").and_then(|()| out.flush());
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let mut out = io::stdout().lock();
        let _ = write!(out, "\x1b[?25h\x1b[?1049l").and_then(|()| out.flush());
    }
}

/// What the head of the board says.
pub(crate) struct Head<'a> {
    pub(crate) title: &'a str,
    pub(crate) elapsed_ms: u64,
    pub(crate) total_ms: u64,
    /// How many of the first device's channels are lines; the others are phones.
    pub(crate) trunks: usize,
}

/// The whole board.
pub(crate) fn draw(head: &Head<'_>, now: &Snapshot) -> String {
    let mut out = String::with_capacity(8192);
    title(&mut out, head, now);
    heading(&mut out, "LINES");
    let channels = now.devices.first().map_or(&[][..], |device| &device.channels);
    let lines: Vec<String> = channels
        .iter()
        .take(head.trunks)
        .enumerate()
        .map(|(place, channel)| line(place, channel, now))
        .collect();
    columns(&mut out, &lines);
    heading(&mut out, "QUEUES");
    now.queues.iter().for_each(|view| queue(&mut out, view));
    heading(&mut out, "AGENTS");
    let agents: Vec<String> = now.agents.iter().map(|view| agent(view, now)).collect();
    columns(&mut out, &agents);
    out
}

fn title(out: &mut String, head: &Head<'_>, now: &Snapshot) {
    let clock = match head.elapsed_ms {
        ms if ms > head.total_ms => format!("{} closing ", clock(ms)),
        ms => format!("{} of {}", clock(ms), clock(head.total_ms)),
    };
    let figures = format!(
        "calls {}  talking {}  waiting {}  rec {}",
        now.calls_count,
        now.agents.iter().filter(|agent| agent.state == "talking").count(),
        now.queues.iter().map(|queue| queue.waiting).sum::<usize>(),
        now.calls.iter().filter(|call| call.recorded).count(),
    );
    let _ = writeln!(out, " {BOLD}{}{RESET}  {clock}  {figures}", head.title);
    let done = (head.elapsed_ms * WIDTH as u64 / head.total_ms.max(1)).min(WIDTH as u64) as usize;
    let _ = writeln!(out, " {BLUE}{}{RESET}{DIM}{}{RESET}", "━".repeat(done), "─".repeat(WIDTH - done));
}

fn clock(ms: u64) -> String {
    format!("{:02}:{:02}", ms / 60_000, ms / 1000 % 60)
}

/// A time in as few letters as can be.
fn short(ms: u64) -> String {
    match ms / 1000 {
        seconds @ 0..3600 => format!("{}:{:02}", seconds / 60, seconds % 60),
        seconds => format!("{} h", seconds / 3600),
    }
}

fn heading(out: &mut String, text: &str) {
    let _ = writeln!(out, " {DIM}{text}{RESET}");
}

/// Two columns, filled from top to bottom.
fn columns(out: &mut String, cells: &[String]) {
    let rows = cells.len().div_ceil(2);
    for row in 0..rows {
        let right = cells.get(rows + row).map_or("", String::as_str);
        let _ = writeln!(out, "{}{right}", cells[row]);
    }
}

/// One cell: a mark in its colour, then text cut or filled to the column's width.
fn cell(number: &str, colour: &str, mark: char, text: &str) -> String {
    let text: String = text.chars().take(HALF - 9).collect();
    format!(" {number:>4} {colour}{mark}{RESET} {text:<width$}", width = HALF - 9)
}

fn line(place: usize, channel: &ChannelView, now: &Snapshot) -> String {
    let number = (place + 1).to_string();
    let Some(call) = now.calls.iter().find(|call| channel.call != 0 && call.number == channel.call) else {
        return match channel.state {
            "idle" => cell(&number, DIM, '·', ""),
            state => cell(&number, RED, '✗', &state.replace('_', " ")),
        };
    };
    let (colour, mark, what) = doing(call, now);
    let recorded = if call.recorded { " ⏺" } else { "" };
    let text = format!("{:<12}{what:<9.9}{:>6}{recorded}", channel.number, short(call.age_ms));
    cell(&number, colour, mark, &text)
}

/// What happens to a call.
fn doing(call: &CallView, now: &Snapshot) -> (&'static str, char, String) {
    match call.controller.split_once(':') {
        Some(("flow", _)) => (CYAN, '♪', "menu".to_owned()),
        Some(("queue", queue)) => (YELLOW, '●', queue.to_owned()),
        Some(("agent", id)) => {
            let name = now.agents.iter().find(|agent| agent.id == id).map_or(id, |agent| &agent.name);
            (GREEN, '●', name.to_owned())
        }
        Some(("extension", number)) => (GREEN, '●', number.to_owned()),
        _ => (DIM, '○', call.controller.clone()),
    }
}

fn queue(out: &mut String, view: &QueueView) {
    let bar = "█".repeat(view.waiting.min(10));
    let waiting = if view.waiting == 0 {
        format!("{DIM}nobody waits{RESET}")
    } else {
        format!("{YELLOW}{bar}{RESET} {} waiting, longest {}", view.waiting, duration(view.longest_wait_ms))
    };
    let agents = format!("{} of {} agents free", view.agents_available, view.agents_logged_in);
    let _ = writeln!(out, "   {:<10}{agents:<23}{waiting}", view.name);
}

fn agent(view: &AgentView, now: &Snapshot) -> String {
    let (colour, mark, what) = match view.state {
        "ready" => (GREEN, '○', "ready"),
        "ringing" => (YELLOW, '◐', "rings"),
        "talking" => (GREEN, '●', "talks"),
        "wrap_up" => (CYAN, '✎', "notes"),
        "not_ready" => (RED, '○', "pause"),
        _ => (DIM, '·', "out"),
    };
    let controller = format!("agent:{}", view.id);
    let other = now.calls.iter().find(|call| call.controller == controller).map_or("", |call| &call.calling);
    let text = format!("{:<6.6} {what:<6.6}{:>5} {other}", view.name, short(view.since_ms));
    cell(&view.extension, colour, mark, &text)
}

/// The same in one line, for where there is no terminal.
pub(crate) fn summary_line(head: &Head<'_>, now: &Snapshot) -> String {
    let count = |state: &str| now.agents.iter().filter(|agent| agent.state == state).count();
    let in_menu = now.calls.iter().filter(|call| call.controller.starts_with("flow:")).count();
    let waiting: usize = now.queues.iter().map(|queue| queue.waiting).sum();
    let longest = now.queues.iter().map(|queue| queue.longest_wait_ms).max().unwrap_or(0);
    format!(
        "{}  calls {:>4}  in menu {in_menu:>2}  waiting {waiting:>2} (longest {})  talking {:>2}  agents ready {:>2} of {}",
        clock(head.elapsed_ms),
        now.calls_count,
        duration(longest),
        count("talking"),
        count("ready"),
        now.agents.len(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use callcore::exchange::snapshot::DeviceView;

    fn busy() -> Snapshot {
        let channel = |place: u64| match place % 3 {
            0 => ChannelView { state: "idle", ..ChannelView::default() },
            _ => ChannelView { state: "connected", number: "020870000000000001".to_owned(), call: place },
        };
        let controllers = ["flow:main", "queue:support", "agent:2", "ending"];
        let call = |number: u64| CallView {
            number,
            calling: "02087000000".to_owned(),
            controller: controllers[number as usize % 4].to_owned(),
            age_ms: number * 100_000,
            recorded: number.is_multiple_of(2),
            ..CallView::default()
        };
        let states = ["ready", "ringing", "talking", "wrap_up", "not_ready", "logged_out"];
        let agent = |place: usize| AgentView {
            id: place.to_string(),
            name: "A rather long name".to_owned(),
            extension: (1001 + place).to_string(),
            state: states[place % 6],
            ..AgentView::default()
        };
        Snapshot {
            devices: vec![DeviceView { name: "sim".to_owned(), channels: (0..28).map(channel).collect() }],
            calls: (1..28).map(call).collect(),
            queues: vec![QueueView { name: "support".to_owned(), waiting: 99, ..QueueView::default() }; 2],
            agents: (0..12).map(agent).collect(),
            calls_count: 99_999,
        }
    }

    fn width(line: &str) -> usize {
        let plain = line.split('\x1b').enumerate().map(|(place, part)| {
            if place == 0 { part } else { part.split_once('m').map_or("", |(_, rest)| rest) }
        });
        plain.map(|part| part.chars().count()).sum()
    }

    #[test]
    fn a_busy_board_fits_a_plain_terminal() {
        let head = Head { title: "callcore demo", elapsed_ms: 61_000, total_ms: 60_000, trunks: 16 };
        let picture = draw(&head, &busy());
        assert!(picture.lines().count() <= 23, "{} rows", picture.lines().count());
        for line in picture.lines() {
            assert!(width(line) <= 80, "{} columns: {line}", width(line));
        }
    }

    #[test]
    fn an_empty_board_can_be_drawn() {
        let head = Head { title: "callcore demo", elapsed_ms: 0, total_ms: 0, trunks: 16 };
        assert!(draw(&head, &Snapshot::default()).contains("AGENTS"));
        assert!(summary_line(&head, &Snapshot::default()).contains("calls"));
    }
}
