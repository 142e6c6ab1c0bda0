//! `jingwei demo`: Sichuan's real divisions, a made-up town, scenes S1 and S2 played through the public API.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use jingwei_api::ApiConfig;
use jingwei_core::code::DivisionCode;
use jingwei_core::directory::TableName;
use jingwei_core::place::Datum;
use jingwei_engine::clock::{Clock, StoryClock, SystemClock};
use jingwei_engine::grids::{Format, GENERATED, GenerateOptions, MapImportOptions};
use jingwei_engine::{ImportOptions, Node};

use crate::cli::{self, DemoOptions, StoreOptions};
use crate::{data, land, open, serve, story};

/// The password of all demo accounts. The demo listens on loopback only.
pub(crate) const PASSWORD: &str = "jingwei-demo";
/// Counties whose grids the demo generates: 双流, 泸定, 纳溪.
const DRAWN: [&str; 3] = ["510116", "513322", "510503"];
/// How long the story takes by its own clock.
const STORY_MS: i64 = 15 * 60_000;
/// Written into the data folder when everything is loaded: a start that was cut short begins anew.
const LOADED: &str = "demo-loaded";

/// Runs the demo.
pub(crate) fn run(options: &DemoOptions) -> Result<ExitCode> {
    if !options.listen.ip().is_loopback() {
        bail!(
            "演示的密码是公开的，只能在本机 127.0.0.1 上监听 / the demo's password is public: it listens on loopback only"
        );
    }
    let fresh = !options.data.join(LOADED).exists();
    let story_clock = fresh.then(|| Arc::new(StoryClock::new(STORY_MS, options.clock_rate)));
    let clock: Arc<dyn Clock> = match &story_clock {
        Some(clock) => Arc::<StoryClock>::clone(clock),
        None => Arc::new(SystemClock),
    };
    let store = StoreOptions {
        data: options.data.clone(),
        database: options.database.clone(),
        rules: options.rules.clone(),
    };
    let runtime = serve::runtime()?;
    let node = open::node(&store, Arc::clone(&clock))?;
    let outcome = runtime.block_on(async {
        let listener = serve::listen(options.listen).await?;
        let base = format!("http://{}", listener.local_addr()?);
        let accounts = accounts();
        if fresh {
            load(&node, &accounts, &options.data).await?;
        }
        let (ended, end) = tokio::sync::oneshot::channel::<()>();
        let exit = options.exit;
        let server = {
            let node = Arc::clone(&node);
            tokio::spawn(async move {
                let stop = async move {
                    tokio::select! {
                        () = serve::stop_signal() => {}
                        // Without --exit the end of the story does not end the demo.
                        Ok(()) = end, if exit => {}
                    }
                };
                serve::serve(listener, &node, ApiConfig::default(), stop).await
            })
        };
        let told = tokio::task::spawn_blocking(move || -> Result<()> {
            match story_clock {
                Some(clock) => {
                    story::play(&base, clock.as_ref(), || clock.begin())?;
                }
                None => story::take_up(&base)?,
            }
            print_sign_ins(&base, &accounts);
            // Nobody waits for it when the demo stays up.
            let _ = ended.send(());
            Ok(())
        });
        tokio::pin!(server);
        let code = tokio::select! {
            served = &mut server => served.context("the server")??,
            told = told => {
                told.context("the story")??;
                server.await.context("the server")??
            }
        };
        Ok::<_, anyhow::Error>(code)
    });
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    node.close();
    outcome
}

/// Account and name of each person of the demo.
fn accounts() -> Vec<(String, String)> {
    let mut accounts: Vec<(String, String)> = Vec::new();
    for (_, text) in data::demo_people() {
        for line in text.lines().skip(1) {
            let mut cells = line.split(',');
            if let (Some(account), Some(name)) = (cells.next(), cells.next())
                && !accounts.iter().any(|(known, _)| known == account)
            {
                accounts.push((account.to_owned(), name.to_owned()));
            }
        }
    }
    accounts
}

async fn load(node: &Node, accounts: &[(String, String)], folder: &Path) -> Result<()> {
    let how = ImportOptions {
        dry_run: false,
        relax: true,
    };
    let tables = [
        (
            TableName::Divisions,
            data::divisions()?,
            "四川行政区划 divisions of Sichuan",
        ),
        (
            TableName::Units,
            data::demo_units(),
            "演示单位（位置是编的） demo units (positions made up)",
        ),
        (
            TableName::Places,
            data::demo_places(),
            "演示地名（位置是编的） demo places (positions made up)",
        ),
        (
            TableName::People,
            data::demo_people(),
            "演示人员（都是编的） demo people (all made up)",
        ),
    ];
    for (table, files, what) in tables {
        let report = node
            .import_locally(table, files, how)
            .await
            .map_err(|error| open::explain(&error))?;
        cli::say(&format!("{what}: {}", report.rows));
    }
    let outlines = land::outlines(node).await?;
    cli::say(&format!(
        "省市县边界（{}） outlines: {outlines}",
        data::OUTLINES_SOURCE
    ));
    let wanted = GenerateOptions {
        counties: DRAWN
            .iter()
            .filter_map(|code| DivisionCode::parse(code))
            .collect(),
        per_community: 10,
        from: None,
    };
    let generated = node
        .generate_grids(wanted, |done| cli::progress("县 counties", done))
        .await
        .map_err(|error| open::explain(&error))?;
    cli::say(&format!(
        "双流、泸定、纳溪的网格（{GENERATED}） grids: {}",
        generated.grids
    ));
    let more = MapImportOptions {
        format: Some(Format::CsvWkt),
        datum: Some(Datum::Wgs84),
        ..MapImportOptions::default()
    };
    let report = node
        .import_grids_locally(data::demo_grids(), more)
        .await
        .map_err(|error| open::explain(&error))?;
    cli::say(&format!(
        "专属、微、流动网格（位置是编的） dedicated, micro and mobile grids (made up): {}",
        report.features
    ));
    for (done, (account, _)) in (1..).zip(accounts) {
        node.set_password(account, PASSWORD)
            .await
            .map_err(|error| open::explain(&error))?;
        cli::progress("账号 accounts", done);
    }
    std::fs::write(folder.join(LOADED), b"").context("the data folder")?;
    Ok(())
}

fn print_sign_ins(base: &str, accounts: &[(String, String)]) {
    cli::say("");
    cli::say("登录 Sign-ins (account password  name):");
    for (account, name) in accounts {
        cli::say(&format!("{account} {PASSWORD}  {name}"));
    }
    cli::say("");
    cli::say(&format!(
        "打开 Open {base}   接口 API {base}/api   Ctrl-C 结束 ends"
    ));
    cli::say(
        "这不是报警电话：火警 119，急救 120，报警 110。 Not an emergency number: 119, 120, 110.",
    );
}
