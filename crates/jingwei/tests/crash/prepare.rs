//! A data folder with the town's divisions, units and people and two passwords, made in the test's own process; and the
//! sessions of the two.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jingwei_core::directory::TableName;
use jingwei_engine::clock::{Clock, Stopwatch, SystemClock};
use jingwei_engine::random::OsRandom;
use jingwei_engine::{ImportOptions, Node, NodeConfig};
use jingwei_store::DatabaseUrl;
use jingwei_testkit::{PASSWORD, people, rules, small_divisions, units};

use crate::http::{Line, request};
use crate::server::Program;

/// Who reports.
const WORKER: &str = "grid-hl1";
/// Who does everything else.
const OFFICER: &str = "officer-hlx";

/// Makes the data. The node is closed again when this returns.
pub(crate) fn prepare(folder: &Path, database: &DatabaseUrl) {
    prepare_with(folder, database, rules(), Arc::new(SystemClock));
}

/// Makes the data under other rules, by another clock.
pub(crate) fn prepare_with(
    folder: &Path,
    database: &DatabaseUrl,
    default_rules: Vec<(String, String)>,
    clock: Arc<dyn Clock>,
) {
    let node = Node::open(NodeConfig {
        data: folder.join("data"),
        database: database.clone(),
        readers: 1,
        default_rules,
        clock,
        random: Arc::new(OsRandom),
    })
    .expect("a node");
    let how = ImportOptions {
        dry_run: false,
        relax: true,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    for (table, files) in [
        (TableName::Divisions, small_divisions()),
        (TableName::Units, units()),
        (TableName::People, people()),
    ] {
        runtime
            .block_on(node.import_locally(table, files, how))
            .expect("an import");
    }
    for account in [WORKER, OFFICER] {
        runtime
            .block_on(node.set_password(account, PASSWORD))
            .expect("a password");
    }
    node.close();
}

/// Tokens of the two; they outlast the process that gave them.
#[derive(Debug, Clone)]
pub(crate) struct Tokens {
    pub(crate) worker: String,
    pub(crate) officer: String,
}

/// Signs both in.
pub(crate) fn sign_in(program: &Program) -> Tokens {
    sign_in_within(program, Duration::ZERO)
}

/// Signs both in, trying again as long as the server is busy and `patience` lasts.
pub(crate) fn sign_in_within(program: &Program, patience: Duration) -> Tokens {
    let watch = Stopwatch::start();
    let token = |account: &str| {
        let body = serde_json::json!({ "account": account, "password": PASSWORD }).to_string();
        let bytes = request("POST", "/api/v1/sessions", None, None, &body);
        loop {
            let answer = Line::new(program.address)
                .send(&bytes, || {})
                .expect("an answer");
            match answer.json()["token"].as_str() {
                Some(token) => return token.to_owned(),
                None if answer.status == 503 && watch.elapsed() < patience => {
                    std::thread::sleep(Duration::from_millis(200));
                }
                None => panic!(
                    "{account} is not let in after {:?}: {} {}\n{}",
                    watch.elapsed(),
                    answer.status,
                    answer.json()["code"],
                    program.log_tail()
                ),
            }
        }
    };
    Tokens {
        worker: token(WORKER),
        officer: token(OFFICER),
    }
}
