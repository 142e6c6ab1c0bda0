//! A small client of our own API, for the demo's story: what it does, anybody with an account can do.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// One signed-in account.
pub(crate) struct Account {
    agent: ureq::Agent,
    base: String,
    token: String,
}

impl Account {
    /// Signs in.
    pub(crate) fn sign_in(base: &str, account: &str, password: &str) -> Result<Self> {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build();
        let mut this = Self {
            agent: config.into(),
            base: base.to_owned(),
            token: String::new(),
        };
        let body = serde_json::json!({ "account": account, "password": password });
        let answer = this
            .post("/api/v1/sessions", &body)
            .with_context(|| format!("signing in as {account}"))?;
        answer["token"]
            .as_str()
            .context("no token in the answer")?
            .clone_into(&mut this.token);
        Ok(this)
    }

    /// Reads.
    pub(crate) fn get(&self, path: &str) -> Result<Value> {
        let request = self
            .agent
            .get(format!("{}{path}", self.base))
            .header("Authorization", format!("Bearer {}", self.token));
        let mut answer = request.call().with_context(|| format!("GET {path}"))?;
        let status = answer.status();
        let body: Value = answer.body_mut().read_json().unwrap_or(Value::Null);
        if !status.is_success() {
            bail!("GET {path}: {status} {body}");
        }
        Ok(body)
    }

    /// Does an act.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let mut request = self.agent.post(format!("{}{path}", self.base));
        if !self.token.is_empty() {
            request = request.header("Authorization", format!("Bearer {}", self.token));
        }
        let mut answer = request
            .send_json(body)
            .with_context(|| format!("POST {path}"))?;
        let status = answer.status();
        let body: Value = answer.body_mut().read_json().unwrap_or(Value::Null);
        if !status.is_success() {
            bail!("POST {path}: {status} {body}");
        }
        Ok(body)
    }
}
