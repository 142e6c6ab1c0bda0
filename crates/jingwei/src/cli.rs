//! The command line: what can be asked of the program, with examples.

use std::io::{IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jingwei_core::code::DivisionCode;
use jingwei_core::grids::Layer;
use jingwei_core::place::Datum;
use jingwei_core::time::Day;
use tracing_subscriber::EnvFilter;

/// 经纬 Jingwei: grid-based public safety and community service (网格化服务管理).
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    arg_required_else_help = true,
    after_help = "\
Examples:
  jingwei demo                                   a town's gas leak, from report to closing
  jingwei serve --data /var/lib/jingwei          one machine, SQLite
  jingwei serve --database postgres://jw@db/jw   a city, PostgreSQL
  jingwei import divisions cities.csv areas.csv streets.csv villages.csv --dry-run
  jingwei whatif my-rules/                       what would have been late under other limits
  jingwei check                                  prove that the rows are what the journal says

Jingwei is not an emergency number: fire 119, ambulance 120, police 110."
)]
pub(crate) struct Cli {
    /// What to log: error, warn, info, debug, or a filter such as jingwei_engine=debug. Info when nothing is said; the demo
    /// only warns, because its story is told on standard output.
    #[arg(long, global = true, env = "JINGWEI_LOG")]
    log: Option<String>,
    /// How to log: text for people, json for machines.
    #[arg(
        long,
        global = true,
        env = "JINGWEI_LOG_FORMAT",
        default_value = "text"
    )]
    log_format: LogFormat,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the node: API, page, timers.
    Serve(ServeOptions),
    /// Load Sichuan's real divisions and a made-up town, play a gas leak through the API, and stay up.
    Demo(DemoOptions),
    /// Load a table (divisions, units, people, places, rules) or a map file (grids, outlines). All of it or nothing.
    Import(ImportOptions),
    /// Make grids up: partitions of counties, for the demo, tests and measures.
    Generate(GenerateOptions),
    /// Write grids into a map file.
    Export(ExportOptions),
    /// Fold the journal again and compare it with the rows. Only reads, also beside a running node; ends with 1 when something
    /// is wrong.
    Check(StoreOptions),
    /// Replay the journal of a period under other rules: what would have been late, escalated or sent elsewhere. Only reads, also
    /// beside a running node.
    Whatif(WhatifOptions),
    /// Bring the schema of the database up to this program.
    Migrate(StoreOptions),
    /// Accounts and other matters of the machine.
    Admin(AdminOptions),
}

/// Where the data lies.
#[derive(Debug, Clone, Args)]
pub(crate) struct StoreOptions {
    /// Folder of keys, and of the SQLite file when no other database is named.
    #[arg(long, env = "JINGWEI_DATA", default_value = "data")]
    pub(crate) data: PathBuf,
    /// sqlite:FILE or postgres://USER@HOST/NAME; jingwei.db in the data folder when not given.
    #[arg(long, env = "JINGWEI_DATABASE")]
    pub(crate) database: Option<String>,
    /// Folder with the rule tables (classes.csv, plans.csv, …) of a new node; the built-in ones when not given.
    #[arg(long, env = "JINGWEI_RULES")]
    pub(crate) rules: Option<PathBuf>,
}

/// The clock.
#[derive(Debug, Clone, Args)]
pub(crate) struct ClockOptions {
    /// Play time at this multiple of the wall's speed, starting in the past and meeting the wall at the end of the span;
    /// from then on time runs as usual. For drills and tests.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) clock_rate: u32,
    /// Minutes of time that are played at that speed.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=527_040))]
    pub(crate) clock_span: u32,
}

#[derive(Debug, Args)]
pub(crate) struct ServeOptions {
    #[command(flatten)]
    pub(crate) store: StoreOptions,
    #[command(flatten)]
    pub(crate) clock: ClockOptions,
    /// Address and port on loopback, also behind a proxy. Plain HTTP never leaves the machine: passwords and reports must not
    /// cross a network in the open.
    #[arg(long, env = "JINGWEI_LISTEN", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// A proxy on this machine speaks TLS to the outside and passes requests on to the loopback address: cookies are sent over
    /// TLS only, and the proxy's word on who asks is taken.
    #[arg(long, env = "JINGWEI_BEHIND_PROXY")]
    pub(crate) behind_proxy: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DemoOptions {
    /// Folder of the demo's data; a second start takes it up again.
    #[arg(long, env = "JINGWEI_DATA", default_value = ".demo")]
    pub(crate) data: PathBuf,
    /// sqlite:FILE or postgres://USER@HOST/NAME; jingwei.db in the data folder when not given.
    #[arg(long, env = "JINGWEI_DATABASE")]
    pub(crate) database: Option<String>,
    /// Folder with the rule tables; the built-in ones when not given. Change a limit there and the story changes.
    #[arg(long, env = "JINGWEI_RULES")]
    pub(crate) rules: Option<PathBuf>,
    /// Address and port.
    #[arg(long, env = "JINGWEI_LISTEN", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// How many times faster than the wall the story is played, through the real timers.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub(crate) clock_rate: u32,
    /// End after the story instead of staying up.
    #[arg(long)]
    pub(crate) exit: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum TableName {
    /// cities.csv, areas.csv, streets.csv, villages.csv: code,name[,valid_from,valid_to,successor]
    Divisions,
    /// units.csv: code,name_zh,kind,division,duty_hours[,name_en,capabilities,phone,lon,lat,active]
    Units,
    /// people.csv: account,name,role,unit,division[,phone], a line for each role
    People,
    /// places.csv: code,name,kind,division,lon,lat[,aliases,datum], public places only
    Places,
    /// A map file of grids: GeoJSON, CSV with WKT, zipped Shapefile, GeoPackage or KML
    Grids,
    /// A map file of outlines of divisions, with their codes
    Outlines,
    /// All rule tables (data/rules/README.md names them), or a folder that holds them
    Rules,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jingwei import divisions cities.csv areas.csv streets.csv villages.csv --dry-run
  jingwei import units units.csv
  jingwei import people people.csv --relax
  jingwei import rules my-rules/
  jingwei import outlines counties.gpkg --source \"survey of 2025\"
  jingwei import grids grids.zip --datum CGCS2000 --dry-run

The node must not be running on the same data; to import into a running one, POST to /api/v1/imports/… as an administrator.")]
pub(crate) struct ImportOptions {
    /// Which table.
    pub(crate) table: TableName,
    /// CSV files (UTF-8), also gzipped; for rules a folder will do; for grids and outlines one map file, also gzipped.
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Check only; change nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Relax the separations of roles that a deployment may relax; each is written into the journal.
    #[arg(long)]
    pub(crate) relax: bool,
    #[command(flatten)]
    pub(crate) map: MapOptions,
    #[command(flatten)]
    pub(crate) store: StoreOptions,
}

/// Of map files.
#[derive(Debug, Args)]
pub(crate) struct MapOptions {
    /// Layer of the grids that do not say theirs: base, dedicated, micro or mobile.
    #[arg(long, value_parser = word(Layer::parse, "base, dedicated, micro, mobile"))]
    pub(crate) layer: Option<Layer>,
    /// Datum of the file: WGS84, CGCS2000, GCJ-02 or BD-09; what the file declares, else guessed, when not given.
    #[arg(long, value_parser = word(Datum::parse, "WGS84, CGCS2000, GCJ-02, BD-09"))]
    pub(crate) datum: Option<Datum>,
    /// First day of the grids (2026-11-20); the earliest possible when not given.
    #[arg(long, value_parser = word(Day::parse, "a day such as 2026-11-20"))]
    pub(crate) from: Option<Day>,
    /// Mend borders that cross themselves instead of refusing them.
    #[arg(long)]
    pub(crate) repair: bool,
    /// Metres over which corners are put on a neighbour's border, 0 to 10; 0.5 when not given.
    #[arg(long)]
    pub(crate) snap_m: Option<f64>,
    /// Of outlines: where they come from, with their caution.
    #[arg(long)]
    pub(crate) source: Option<String>,
    /// Write the problems found (gaps, overlaps, slivers) into this GeoJSON file.
    #[arg(long)]
    pub(crate) problems: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jingwei generate grids --county 510116 --county 513322
  jingwei generate grids

The outlines of the counties have to be there (jingwei import outlines); on data without any, those that the program carries for the
demo are loaded first. Everything generated says so in its source.")]
pub(crate) struct GenerateOptions {
    /// What is made.
    #[arg(value_parser = ["grids"])]
    pub(crate) what: String,
    /// Code of a county, also several times; all whose outline is known when not given.
    #[arg(long = "county", value_parser = word(DivisionCode::parse, "a division code"))]
    pub(crate) counties: Vec<DivisionCode>,
    /// Grids of a community on average.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=50))]
    pub(crate) per_community: u32,
    #[command(flatten)]
    pub(crate) store: StoreOptions,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jingwei export grids grids.gpkg
  jingwei export grids longxi.geojson --division 510116 --layer micro --datum CGCS2000")]
pub(crate) struct ExportOptions {
    /// What is written.
    #[arg(value_parser = ["grids"])]
    pub(crate) what: String,
    /// The file; its ending says the format: geojson, csv, zip (Shapefile), gpkg, kml.
    pub(crate) file: PathBuf,
    /// Layer: base when not given.
    #[arg(long, value_parser = word(Layer::parse, "base, dedicated, micro, mobile"))]
    pub(crate) layer: Option<Layer>,
    /// Only those in this division.
    #[arg(long, value_parser = word(DivisionCode::parse, "a division code"))]
    pub(crate) division: Option<DivisionCode>,
    /// The day on which they stand; today when not given.
    #[arg(long, value_parser = word(Day::parse, "a day such as 2026-11-20"))]
    pub(crate) day: Option<Day>,
    /// Datum of the file: WGS84 when not given.
    #[arg(long, value_parser = word(Datum::parse, "WGS84, CGCS2000, GCJ-02, BD-09"))]
    pub(crate) datum: Option<Datum>,
    #[command(flatten)]
    pub(crate) store: StoreOptions,
}

/// Reads a word as one of the values that `parse` knows.
fn word<T: Clone + Send + Sync + 'static>(
    parse: fn(&str) -> Option<T>,
    known: &'static str,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static {
    move |text| parse(text).ok_or_else(|| format!("should be {known}"))
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jingwei whatif my-rules/ --from 2026-10-01 --to 2026-10-31
  jingwei whatif my-rules/ --json > october.json

Nobody's acts change: what happened at 10:01:20 still happens then. Only what the tables decide is decided again: limits,
rungs of the ladder, and whom a plan would have called.")]
pub(crate) struct WhatifOptions {
    /// Folder with the other rule tables; those of a file that is not there are the built-in ones.
    pub(crate) with: PathBuf,
    /// First day of the reports that are replayed (2026-10-01), by China's time; the first report when not given.
    #[arg(long)]
    pub(crate) from: Option<String>,
    /// Last day; until now when not given.
    #[arg(long)]
    pub(crate) to: Option<String>,
    /// Everything as JSON, for programs.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) store: StoreOptions,
}

#[derive(Debug, Args)]
pub(crate) struct AdminOptions {
    #[command(subcommand)]
    pub(crate) command: AdminCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AdminCommand {
    /// Set the password of an account; it is read from standard input. Ends the account's sessions.
    #[command(after_help = "Example:\n  jingwei admin password officer-hlx < password.txt")]
    Password {
        /// The account.
        account: String,
        #[command(flatten)]
        store: StoreOptions,
    },
}

/// Logging goes to standard error; standard output is for what was asked.
pub(crate) fn start_logging(cli: &Cli) {
    let quiet = if matches!(cli.command, Command::Demo(_)) {
        "warn"
    } else {
        "info"
    };
    let filter = EnvFilter::try_new(cli.log.as_deref().unwrap_or(quiet))
        .unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match cli.log_format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
}

/// Says a line on standard output. A reader that has gone is no fault.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

/// Says what went wrong on standard error.
pub(crate) fn complain(error: &anyhow::Error) {
    let mut out = std::io::stderr().lock();
    let _ = writeln!(out, "jingwei: {error:#}");
}

/// Shows how far long work is: one line that rewrites itself on a terminal, nothing elsewhere.
pub(crate) fn progress(what: &str, done: u64) {
    let mut out = std::io::stderr().lock();
    if out.is_terminal() {
        let _ = write!(out, "\r{what}: {done}   ");
        let _ = out.flush();
    }
}
