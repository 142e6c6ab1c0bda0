//! SK-c: how many statements a batch and a list take, whatever their size.

use jingwei_core::access::Principal;
use jingwei_core::id::{CaseId, PersonId};
use jingwei_engine::cases::{AcceptBody, ActBody, DispatchBody, FileBody, ReportBody};
use jingwei_engine::{Meta, Node, body_hash};
use jingwei_testkit::{COMMUNITY, Engine, TestNode};
use uuid::Uuid;

/// The greatest number of statements a batch may take, BEGIN and COMMIT included.
const MOST: u64 = 25;

fn principal(node: &TestNode, account: &str) -> Principal {
    let client = node.sign_in(account);
    let session = node
        .block_on(node.node.session(client.token().expect("signed in")))
        .expect("a session");
    session.principal
}

fn meta(node: &Node) -> Meta {
    let id = node.fresh_id();
    Meta {
        correlation: id,
        key: Some(id.to_string()),
        body_hash: body_hash(&[id.as_bytes()]),
        device: None,
        device_at: None,
    }
}

fn report(node: &Node) -> ReportBody {
    ReportBody {
        id: node.fresh_id().to_string(),
        source: "desk".to_owned(),
        class: Some("RQ01".to_owned()),
        severity: None,
        urgency: None,
        division: COMMUNITY.to_owned(),
        position: None,
        address: None,
        description: "疑似燃气泄漏".to_owned(),
        reporter: None,
        solved: None,
        device: None,
        device_at: None,
    }
}

/// Sends the acts so that they are one batch; answers the statements it took.
fn one_batch(node: &TestNode, by: &Principal, acts: Vec<(CaseId, Option<ActBody>)>) -> u64 {
    let count = acts.len() as u64;
    let before = node.node.metrics();
    node.block_on(async {
        let hold = node.node.hold().await.expect("the writer holds");
        let tasks: Vec<_> = acts
            .into_iter()
            .map(|(case, act)| {
                let (node, by) = (std::sync::Arc::clone(&node.node), by.clone());
                tokio::spawn(async move {
                    match act {
                        Some(act) => node.act(&by, case, &act, meta(&node)).await,
                        None => {
                            let body = ReportBody {
                                id: case.to_string(),
                                ..report(&node)
                            };
                            node.report(&by, &body, meta(&node)).await
                        }
                    }
                })
            })
            .collect();
        while node.node.metrics().queue < count {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        drop(hold);
        for task in tasks {
            task.await.expect("no panic").expect("carried out");
        }
    });
    let after = node.node.metrics();
    assert_eq!(
        after.batches - before.batches,
        1,
        "{count} commands are one batch"
    );
    assert_eq!(after.batched_commands - before.batched_commands, count);
    after.statements - before.statements
}

fn statements_of_batches(engine: Engine) {
    let node = TestNode::start(engine);
    let officer = principal(&node, "officer-hlx");
    let mut of_size = Vec::new();
    for size in [1, 10, 500] {
        let cases: Vec<CaseId> = (0..size).map(|_| CaseId(node.node.fresh_id())).collect();
        let acts = |act: &dyn Fn() -> Option<ActBody>| {
            cases.iter().map(|case| (*case, act())).collect::<Vec<_>>()
        };
        let plan = || {
            Some(ActBody::Dispatch(DispatchBody {
                version: None,
                plan: Some("P_GAS".to_owned()),
                orders: None,
                under: None,
            }))
        };
        let steps = [
            one_batch(&node, &officer, acts(&|| None)),
            one_batch(
                &node,
                &officer,
                acts(&|| Some(ActBody::Accept(AcceptBody::default()))),
            ),
            one_batch(
                &node,
                &officer,
                acts(&|| Some(ActBody::File(FileBody::default()))),
            ),
            one_batch(&node, &officer, acts(&plan)),
        ];
        assert!(
            steps.iter().all(|n| *n <= MOST),
            "{engine:?}: statements of batches of {size}: {steps:?}"
        );
        of_size.push(steps);
    }
    assert!(
        of_size.iter().all(|steps| *steps == of_size[0]),
        "the size makes no difference: {of_size:?}"
    );
    list_of_100(&node);
    node.check();
}

fn list_of_100(node: &TestNode) {
    let officer = node.sign_in("officer-hlx");
    let before = node.node.metrics().read_statements;
    let list = officer.get("/api/v1/cases?limit=100").expect(200);
    let took = node.node.metrics().read_statements - before;
    assert_eq!(list["items"].as_array().map(Vec::len), Some(100));
    assert!(
        (1..=5).contains(&took),
        "a list of 100 cases took {took} statements"
    );
}

#[test]
fn a_batch_takes_the_same_few_statements_sqlite() {
    statements_of_batches(Engine::Sqlite);
}

#[test]
fn a_batch_takes_the_same_few_statements_postgres() {
    statements_of_batches(Engine::Postgres);
}

/// A refused command fails alone: its neighbours in the batch are carried out.
#[test]
fn a_refused_command_fails_alone() {
    let node = TestNode::start(Engine::Sqlite);
    let officer = principal(&node, "officer-hlx");
    let stranger = Principal::Person {
        id: PersonId(Uuid::from_u128(7)),
        posts: Vec::new(),
    };
    let (good, bad) = (node.node.fresh_id(), node.node.fresh_id());
    let outcomes = node.block_on(async {
        let hold = node.node.hold().await.expect("the writer holds");
        let send = |id: Uuid, by: Principal| {
            let node = std::sync::Arc::clone(&node.node);
            tokio::spawn(async move {
                let body = ReportBody {
                    id: id.to_string(),
                    ..report(&node)
                };
                node.report(&by, &body, meta(&node)).await
            })
        };
        let tasks = [send(bad, stranger), send(good, officer)];
        while node.node.metrics().queue < 2 {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        drop(hold);
        let mut outcomes = Vec::new();
        for task in tasks {
            outcomes.push(task.await.expect("no panic"));
        }
        outcomes
    });
    assert_eq!(
        outcomes[0]
            .as_ref()
            .map_err(jingwei_engine::EngineError::code),
        Err("forbidden")
    );
    assert!(outcomes[1].is_ok());
    let client = node.sign_in("officer-hlx");
    assert_eq!(client.get(&format!("/api/v1/cases/{good}")).status, 200);
    assert_eq!(client.get(&format!("/api/v1/cases/{bad}")).status, 404);
    node.check();
}
