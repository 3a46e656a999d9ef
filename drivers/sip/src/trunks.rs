//! Trunks that want us to register with them.

use crate::config::TrunkConfig;
use crate::stack::Stack;
use callcore_driver_sdk::Event;
use rsipstack::dialog::authenticate::Credential;
use rsipstack::dialog::registration::Registration;
use rsipstack::sip::typed::Contact;
use rsipstack::sip::{Auth, Uri};
use std::time::Duration;

/// What we ask for, and how long to wait after a failure, in seconds.
const EXPIRES_S: u32 = 300;
const RETRY_S: u64 = 30;

/// A registration that is being kept up.
pub(crate) struct Registered {
    registration: std::sync::Arc<tokio::sync::Mutex<Registration>>,
    server: Uri,
    task: tokio::task::JoinHandle<()>,
}

/// The address of a trunk as a URI, with a user when there is one.
pub(crate) fn uri_of(trunk: &TrunkConfig, user: &str) -> Option<Uri> {
    let mut uri = Uri::try_from(format!("sip:{}", trunk.address)).ok()?;
    if !user.is_empty() {
        uri.auth = Some(Auth { user: user.to_owned(), password: None });
    }
    Some(uri)
}

pub(crate) fn credential_of(trunk: &TrunkConfig) -> Option<Credential> {
    let (username, password) = (trunk.username.clone(), trunk.password.clone());
    (!username.is_empty()).then_some(Credential { username, password, realm: None, auth_username: None })
}

/// Begins to register with every trunk that wants it.
pub(crate) fn start(stack: &Stack) -> Vec<Registered> {
    let wanted = stack.shared.config.trunks.iter().filter(|trunk| trunk.register);
    wanted.filter_map(|trunk| keep_up(stack, trunk)).collect()
}

fn keep_up(stack: &Stack, trunk: &TrunkConfig) -> Option<Registered> {
    let server = uri_of(trunk, "")?;
    let mut registration = Registration::new(stack.layer.endpoint.clone(), credential_of(trunk));
    let mut contact = stack.contact(None);
    contact.auth = Some(Auth { user: trunk.username.clone(), password: None });
    registration.contact = Some(Contact { display_name: None, uri: contact, params: vec![] });
    let registration = std::sync::Arc::new(tokio::sync::Mutex::new(registration));
    let (stack, name, shared) = (stack.clone(), trunk.name.clone(), registration.clone());
    let target = server.clone();
    let task = tokio::spawn(async move {
        let mut up = false;
        loop {
            let granted_s = register(&shared, target.clone()).await;
            report(&stack, &name, &target, granted_s, &mut up);
            let wait_s = granted_s.map_or(RETRY_S, |s| (u64::from(s) * 4 / 5).max(1));
            tokio::time::sleep(Duration::from_secs(wait_s)).await;
        }
    });
    Some(Registered { registration, server, task })
}

/// The time that was granted; `None` when it was refused or nobody answered.
async fn register(registration: &tokio::sync::Mutex<Registration>, server: Uri) -> Option<u32> {
    let mut registration = registration.lock().await;
    let response = registration.register(server, Some(EXPIRES_S)).await.ok()?;
    (response.status_code.code() == 200).then(|| registration.expires())
}

fn report(stack: &Stack, name: &str, server: &Uri, granted_s: Option<u32>, up: &mut bool) {
    if *up == granted_s.is_some() {
        return;
    }
    *up = granted_s.is_some();
    let (address, contact, expires_s) = (name.to_owned(), server.to_string(), granted_s.unwrap_or(0));
    stack.shared.state.lock().post(Event::Endpoint { address, contact, up: *up, expires_s });
}

/// Takes the registrations back.
pub(crate) async fn leave(registrations: Vec<Registered>) {
    for Registered { registration, server, task } in registrations {
        task.abort();
        let mut registration = registration.lock().await;
        let _ = registration.register(server, Some(0)).await;
    }
}
