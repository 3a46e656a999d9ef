//! `prompts`: what callers hear, listed, added, edited, and as it was before.

mod args;
mod wave;

use crate::output::{End, say};
use args::{Action, EditArgs};
use callcore::media::Format;
use callcore::media::prompt::{Sound, edit, measure};
use callcore::shell::Prompts;
use callcore::shell::prompts::{PromptInfo, PromptKey, PromptsError};
use jiff::Timestamp;
use serde_json::json;
use std::path::Path;

pub(crate) use args::PromptsArgs;

/// Do it on the folder of a configuration.
pub(crate) fn run(args: &PromptsArgs) -> Result<(), End> {
    let loaded = super::run::load(args.config.as_deref())?;
    let prompts =
        Prompts::open(&callcore_config::prompts_folder(&loaded)?, loaded.prompts.options()).map_err(ended)?;
    let wanted = callcore_config::named_prompts(&loaded.core);
    prompts.set_wanted(wanted.into_iter().map(|(at, name)| (name.to_owned(), at)));
    let who = args.who.clone().or_else(|| std::env::var("USER").ok()).unwrap_or_default();
    match &args.action {
        Action::List { json } => list(&prompts, *json),
        Action::Add { prompt, file, edit } => add(&prompts, prompt, file, edit, &who),
        Action::Edit { prompt, edit, dry_run } => change(&prompts, prompt, edit, *dry_run, &who),
        Action::Export { prompt, file } => export(&prompts, prompt, file),
        Action::Remove { prompt } => {
            prompts.remove(prompt, &who).map_err(ended)?;
            say!("{prompt} is removed; `callcore-server prompts versions {prompt}` still knows it");
            Ok(())
        }
        Action::Versions { prompt } => versions(&prompts, prompt),
        Action::Rollback { prompt, version } => {
            let info = prompts.roll_back(prompt, *version, &who).map_err(ended)?;
            say!("{prompt} is as in version {version} again ({})", seconds(info.duration_ms));
            Ok(())
        }
        Action::Say { prompt, text, edit } => {
            let spoken = prompts.speak_now(text, prompt.language()).map_err(ended)?;
            put(&prompts, prompt, &spoken, edit, &who, "say")
        }
    }
}

fn ended(why: PromptsError) -> End {
    match why {
        PromptsError::Refused(refused) => End::Wrong(refused.text),
        PromptsError::Failed(failed) => End::failed(failed.to_string()),
    }
}

fn list(prompts: &Prompts, as_json: bool) -> Result<(), End> {
    let all = prompts.list();
    if !as_json {
        say!("{:<24} {:>9}  {:>8}  {:>11}  FILE", "PROMPT", "LENGTH", "RATE", "SPEECH");
    }
    for PromptInfo { key, path, duration_ms, rate_hz, .. } in &all {
        let active = prompts.levels(key).map_err(ended)?.active_dbm0;
        let file = path.display();
        if as_json {
            let (name, language) = (key.name(), key.language());
            let line = json!({
                "name": name, "language": language, "duration_ms": duration_ms, "rate_hz": rate_hz,
                "speech_dbm0": active.map(|level| (level * 10.0).round() / 10.0), "file": file.to_string(),
            });
            say!("{line}");
        } else {
            let level = active.map_or("silent".to_owned(), |level| format!("{level:.1} dBm0"));
            say!(
                "{:<24} {:>9}  {rate_hz:>5} Hz  {level:>11}  {file}",
                key.to_string(),
                seconds(*duration_ms)
            );
        }
    }
    Ok(())
}

fn add(prompts: &Prompts, key: &PromptKey, file: &Path, edit: &EditArgs, who: &str) -> Result<(), End> {
    let bytes =
        std::fs::read(file).map_err(|why| End::failed(format!("cannot read {}: {why}", file.display())))?;
    let ending = file.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    let sound = match ending.as_deref() {
        Some("alaw" | "al") => Sound::from_g711(&bytes, Format::ALaw),
        Some("ulaw" | "ul") => Sound::from_g711(&bytes, Format::MuLaw),
        // as it is, where nothing is to be done with it
        _ if edit.is_nothing() => {
            let info = prompts.upload(key, &bytes, who).map_err(ended)?;
            say!("{key} is added ({})", seconds(info.duration_ms));
            return Ok(());
        }
        _ => Sound::read(&bytes).map_err(|why| End::Wrong(format!("{}: {why}", file.display())))?,
    };
    put(prompts, key, &sound, edit, who, "upload")
}

/// A sound through the editor and into the store, shown before and after.
fn put(
    prompts: &Prompts,
    key: &PromptKey,
    sound: &Sound,
    edit: &EditArgs,
    who: &str,
    what: &str,
) -> Result<(), End> {
    let edited = edited(key, sound, edit)?;
    prompts.store(key, &edited, edit.coding(), who, what).map_err(ended)?;
    say!("{key} is added ({})", seconds(edited.duration_ms()));
    Ok(())
}

fn edited(key: &PromptKey, sound: &Sound, edit: &EditArgs) -> Result<Sound, End> {
    let edited =
        edit::apply(sound, &edit.edits()).map_err(|why| End::Wrong(format!("prompt {key}: {why}")))?;
    show("before", sound);
    show("after", &edited);
    Ok(edited)
}

fn change(prompts: &Prompts, key: &PromptKey, edit: &EditArgs, dry_run: bool, who: &str) -> Result<(), End> {
    if edit.is_nothing() {
        return Err(End::Wrong(
            "nothing is to be edited: see `callcore-server prompts edit --help`".to_owned(),
        ));
    }
    let edited = edited(key, &prompts.sound(key).map_err(ended)?, edit)?;
    if dry_run {
        say!("{key} stays as it was (--dry-run)");
        return Ok(());
    }
    prompts.store(key, &edited, edit.coding(), who, "edit").map_err(ended)?;
    say!("{key} is edited; `callcore-server prompts versions {key}` shows what it was");
    Ok(())
}

/// One line of figures and a picture.
fn show(when: &str, sound: &Sound) {
    let levels = measure(sound);
    let active = levels.active_dbm0.map_or("silent".to_owned(), |level| format!("speech {level:.1} dBm0"));
    let (length, rate_hz) = (seconds(sound.duration_ms()), sound.rate_hz);
    say!("{when:<7} {length:>9}  {rate_hz:>6} Hz  {active}, peak {}", wave::peak(levels.peak));
    say!("        {}", wave::picture(sound));
}

fn export(prompts: &Prompts, key: &PromptKey, file: &Path) -> Result<(), End> {
    let bytes = prompts.export(key).map_err(ended)?;
    std::fs::write(file, &bytes)
        .map_err(|why| End::failed(format!("cannot write {}: {why}", file.display())))?;
    say!("{key} is written to {} ({} bytes)", file.display(), bytes.len());
    Ok(())
}

fn versions(prompts: &Prompts, key: &PromptKey) -> Result<(), End> {
    for version in prompts.versions(key).map_err(ended)? {
        let at = version.at_ms.and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let at = at.map_or("-".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M:%S").to_string());
        let mark = if version.is_current { "*" } else { " " };
        let line = format!("{mark}{:>4}  {at:<19}  {:<12}  {}", version.number, version.who, version.what);
        say!("{}", line.trim_end());
    }
    Ok(())
}

/// A length as it is said of prompts.
fn seconds(ms: u64) -> String {
    format!("{}.{:02} s", ms / 1000, ms % 1000 / 10)
}
