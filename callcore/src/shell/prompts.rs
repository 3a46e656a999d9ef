//! The prompt store: every WAV file of a folder, decoded once when the node starts.

use super::failed::Failed;
use crate::base::Problem;
use crate::media::Prompt;
use crate::media::prompt::decode_wav;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Prompts and music by name.
#[derive(Default)]
pub(crate) struct Prompts(BTreeMap<String, Arc<Prompt>>);

impl Prompts {
    /// Read a folder; one that does not exist is empty.
    pub(crate) fn read(folder: &Path) -> Result<Self, Failed> {
        let mut prompts = BTreeMap::new();
        if !folder.exists() {
            return Ok(Self(prompts));
        }
        let unreadable =
            |why| Failed::Io { what: "read the folder of prompts", path: folder.to_owned(), why };
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let is_wav = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("wav"));
            if let (true, Some(name)) = (is_wav, path.file_stem()) {
                let prompt = read_prompt(&path)?;
                prompts.insert(name.to_string_lossy().into_owned(), Arc::new(prompt));
            }
        }
        Ok(Self(prompts))
    }

    pub(crate) fn get(&self, name: &str) -> Option<Arc<Prompt>> {
        self.0.get(name).cloned()
    }

    /// Names that the configuration plays and that are not there.
    pub(crate) fn missing(&self, wanted: Vec<(String, String)>, folder: &Path) -> Vec<Problem> {
        let absent = wanted.into_iter().filter(|(_, name)| !self.0.contains_key(name));
        let problem = |(at, name): (String, String)| {
            let text = format!("there is no prompt '{name}': put {name}.wav into {}", folder.display());
            Problem::new(at, text)
        };
        absent.map(problem).collect()
    }
}

fn read_prompt(path: &Path) -> Result<Prompt, Failed> {
    let bytes = std::fs::read(path).map_err(|why| Failed::Io { what: "read", path: path.to_owned(), why })?;
    decode_wav(&bytes).map_err(|why| Failed::Prompt { path: path.to_owned(), text: why.to_string() })
}
