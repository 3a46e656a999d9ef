//! Which calls are recorded, and how their files are named.

use super::name::{About, NameTemplate};
use serde::{Deserialize, Serialize};

/// When calls of one kind are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// All of them.
    Always,
    /// Those in which an agent speaks.
    Agents,
    /// Those for which somebody asks while they last.
    OnDemand,
    /// None, even if somebody asks.
    Never,
}

/// The policy of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecordPolicy {
    /// Calls with the outside.
    pub outside: When,
    /// Calls from extension to extension.
    pub internal: When,
    /// The names of the files.
    pub name: NameTemplate,
}

impl Default for RecordPolicy {
    fn default() -> Self {
        Self { outside: When::Always, internal: When::Never, name: NameTemplate::default() }
    }
}

impl RecordPolicy {
    const fn when(&self, internal: bool) -> When {
        if internal { self.internal } else { self.outside }
    }

    /// Whether a call is recorded from its beginning.
    #[must_use]
    pub fn wants(&self, internal: bool, agent: bool) -> bool {
        match self.when(internal) {
            When::Always => true,
            When::Agents => agent,
            When::OnDemand | When::Never => false,
        }
    }

    /// Whether a call may be recorded if somebody asks for it.
    #[must_use]
    pub fn allows(&self, internal: bool) -> bool {
        self.when(internal) != When::Never
    }

    /// The file of a recording, below the folder of recordings.
    #[must_use]
    pub fn path(&self, about: &About<'_>) -> String {
        self.name.path(about)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves: A19.19
    #[test]
    fn outside_calls_are_recorded_and_internal_ones_are_not() {
        let policy = RecordPolicy::default();
        assert!(policy.wants(false, true) && policy.wants(false, false));
        assert!(!policy.wants(true, false) && !policy.wants(true, true));
        assert!(!policy.allows(true) && policy.allows(false));
    }

    #[test]
    fn each_kind_has_its_own_rule() {
        let policy: RecordPolicy =
            serde_json::from_str(r#"{"outside": "agents", "internal": "on_demand"}"#).expect("a good policy");
        assert!(policy.wants(false, true) && !policy.wants(false, false));
        assert!(!policy.wants(true, true) && policy.allows(true));
        assert!(serde_json::from_str::<RecordPolicy>(r#"{"outsde": "never"}"#).is_err());
    }
}
