//! B2: from a point to its grid, over the grids of a whole province, against PostGIS `ST_Covers` and the lowest code.
//!
//! Invariant: figures are printed only when both sides gave the same answer for every point.

use std::path::Path;

use jingwei_core::grids::{Grids, Layer};
use jingwei_core::place::{Bounds, Point};
use jingwei_core::time::Day;
use jingwei_engine::clock::Stopwatch;
use jingwei_engine::{EngineError, place};
use jingwei_store::Db;
use jingwei_testkit::{Database, Engine};

use crate::postgis::{Answers, PostGis, WAYS};
use crate::server::{OFFICER, Server};
use crate::table::{median, rate, thousands};
use crate::{Options, Result, lean, machine, table, tell};

/// Points.
const POINTS: usize = 1_000_000;
/// Of a hundred points so many lie on a corner of a border, and as many on the middle of an edge.
const ON_BORDERS: u64 = 5;
/// Points of one request.
const BATCH: usize = 10_000;
/// Clients that ask over HTTP.
const CLIENTS: usize = 2;
/// What we want to be, in process and over HTTP.
const GOALS: [f64; 2] = [10.0, 1.0];

/// Numbers that look random and are the same every time: splitmix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn between(&mut self, least: i32, most: i32) -> i32 {
        let width = u64::from(most.abs_diff(least)) + 1;
        let offset = i64::try_from(self.next() % width).unwrap_or(0);
        i32::try_from(i64::from(least) + offset).unwrap_or(most)
    }
}

/// Points all over the province, some outside, some exactly on borders.
fn points(grids: &Grids, day: Day) -> Vec<Point> {
    let all: Vec<_> = grids.list(Layer::Base, day, None).collect();
    let whole = all.iter().map(|grid| grid.bounds()).reduce(Bounds::and);
    let whole = whole.expect("there are grids");
    let mut random = Random(20_261_124);
    let mut points = Vec::with_capacity(POINTS);
    while points.len() < POINTS {
        let kind = random.next() % 100;
        if kind >= 2 * ON_BORDERS {
            points.push(Point {
                lon_e7: random.between(whole.west, whole.east),
                lat_e7: random.between(whole.south, whole.north),
            });
            continue;
        }
        let grid = &all[usize::try_from(random.next()).unwrap_or(0) % all.len()];
        let Some((ring, _)) = grid.rings().next() else {
            continue;
        };
        let i = usize::try_from(random.next()).unwrap_or(0) % ring.len();
        let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
        points.push(if kind < ON_BORDERS {
            a
        } else {
            Point {
                lon_e7: i32::midpoint(a.lon_e7, b.lon_e7),
                lat_e7: i32::midpoint(a.lat_e7, b.lat_e7),
            }
        });
    }
    points
}

/// Kilobytes of memory that this process holds.
fn resident() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    kilobytes.ok_or_else(|| "no VmRSS".into())
}

fn load(database: &Database) -> Result<Grids> {
    let readers = Db::open_readers(&database.url(), 1)?;
    let grids = readers.blocking(place::grids);
    Ok(grids.map_err(|error: EngineError| error.to_string())?)
}

fn codes(grids: &Grids, points: &[Point], day: Day) -> Answers {
    let found = points
        .chunks(BATCH)
        .flat_map(|points| grids.at_each(Layer::Base, points, day));
    found.map(|grid| Some(grid?.code().to_owned())).collect()
}

/// The rate of look-ups, in batches and one by one, on one thread.
fn in_process(grids: &Grids, points: &[Point], day: Day, runs: usize) -> [Vec<f64>; 2] {
    let (mut batches, mut singles) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let watch = Stopwatch::start();
        let found: usize = points
            .chunks(BATCH)
            .map(|points| {
                grids
                    .at_each(Layer::Base, points, day)
                    .iter()
                    .flatten()
                    .count()
            })
            .sum();
        batches.push(POINTS as f64 / watch.elapsed().as_secs_f64());
        let watch = Stopwatch::start();
        let again = points
            .iter()
            .filter(|point| grids.at(Layer::Base, **point, day).is_some())
            .count();
        singles.push(POINTS as f64 / watch.elapsed().as_secs_f64());
        assert_eq!(found, again, "both ways find the same");
    }
    [batches, singles]
}

fn body(points: &[Point]) -> String {
    let points: Vec<String> = points
        .iter()
        .map(|p| format!("[{},{}]", p.lon(), p.lat()))
        .collect();
    format!("{{\"points\":[{}]}}", points.join(","))
}

/// Points a second over HTTP, in batches; every answer is checked once.
fn over_http(server: &Server, points: &[Point], wanted: &Answers, runs: usize) -> Result<Vec<f64>> {
    let mut client = server.client();
    client.sign_in(OFFICER, jingwei_testkit::PASSWORD);
    for (points, wanted) in points.chunks(BATCH).zip(wanted.chunks(BATCH)) {
        let answer = client.post("/api/v1/grids/at", &serde_json::from_str(&body(points))?);
        let answer = answer.json();
        let codes = answer["layers"][0]["codes"].as_array().ok_or("no codes")?;
        let same = codes
            .iter()
            .map(|code| code.as_str())
            .eq(wanted.iter().map(Option::as_deref));
        if !same || codes.len() != points.len() {
            return Err("the answers over HTTP differ from those in process".into());
        }
    }
    let token = server.token(OFFICER)?;
    let mut rates = Vec::new();
    for _ in 0..runs {
        let requests: Vec<Vec<u8>> = points
            .chunks(BATCH)
            .map(|points| lean::post("/api/v1/grids/at", &token, &body(points)))
            .collect();
        let left = std::cell::RefCell::new(requests);
        let outcome = lean::drive(server.address, CLIENTS, 200, move |_, _| {
            left.borrow_mut().pop()
        })?;
        rates.push(POINTS as f64 / outcome.seconds);
    }
    Ok(rates)
}

fn least_and_median(rates: &[f64]) -> Vec<String> {
    let (least, middle, greatest) = table::spread(rates.iter().copied());
    vec![rate(least), format!("**{}**", rate(middle)), rate(greatest)]
}

/// Measures and gives the section's text.
pub(crate) fn run(options: &Options) -> Result<String> {
    let server = Server::start_with_land(Engine::Sqlite)?;
    let before = resident()?;
    let watch = Stopwatch::start();
    let grids = load(server.database())?;
    let loading = watch.elapsed().as_secs_f64();
    let held = (resident()? - before) / 1024.0;
    // A second time: what the first one left of the file is in memory, as after a restart of the program.
    let watch = Stopwatch::start();
    drop(load(server.database())?);
    let again = watch.elapsed().as_secs_f64();
    let day = Day::parse("2099-01-01").ok_or("a day")?;
    let (count, bytes) = (grids.list(Layer::Base, day, None).count(), grids.bytes());
    tell(&format!("B2: {count} grids loaded in {loading:.2} s"));
    let points = points(&grids, day);
    let ours = codes(&grids, &points, day);
    let inside = ours.iter().flatten().count();

    let folder = tempfile::tempdir()?;
    let database = Database::create(Engine::Postgres, folder.path());
    let mut peer = PostGis::load(&database, grids.list(Layer::Base, day, None), &points)?;
    tell("B2: PostGIS loaded");
    let (mut lines, mut best, mut different) = (Vec::new(), 0.0_f64, 0_usize);
    for (name, sql) in WAYS {
        let mut rates = Vec::new();
        for _ in 0..options.runs {
            let (theirs, points_a_second) = peer.ask(sql)?;
            different = different.max(ours.iter().zip(&theirs).filter(|(a, b)| a != b).count());
            rates.push(points_a_second);
            tell(&format!(
                "B2 PostGIS, {name}: {points_a_second:.0} points/s"
            ));
        }
        best = best.max(median(rates.iter().copied()));
        lines.push([vec![format!("PostGIS, {name}")], least_and_median(&rates)].concat());
    }
    if different > 0 {
        return Err(format!("{different} of {POINTS} points have other answers").into());
    }
    let [batches, singles] = in_process(&grids, &points, day, options.runs);
    let http = over_http(&server, &points, &ours, options.runs)?;
    for (name, rates) in [
        (
            format!(
                "ours in process, one thread, {} at once",
                thousands(BATCH as u64)
            ),
            &batches,
        ),
        (
            "ours in process, one thread, one by one".to_owned(),
            &singles,
        ),
        (
            format!(
                "ours over HTTP, {CLIENTS} clients, {} at once",
                thousands(BATCH as u64)
            ),
            &http,
        ),
    ] {
        lines.push([vec![name], least_and_median(rates)].concat());
    }
    let times = [median(batches), median(http)].map(|ours| ours / best);
    let met = |met: bool| if met { "met" } else { "missed" };
    Ok(format!(
        "{}\n{} runs. {} points: of a hundred {} lie on corners of borders, as many in the middle of edges, the others anywhere in the box around the province; {} lie in a grid. {}; {} cores.\n\n\
         - Different answers: **{different} of {}**.\n\
         - {} grids, {} vertices a grid on average. Loaded from the database in {loading:.2} s, again in {again:.2} s. The index holds {:.0} MB; the process grew by {held:.0} MB while loading.\n\n\
         **Goals: at least {} × PostGIS in process: {:.1} ×, {}; at least equal over HTTP: {:.1} ×, {}; below 200 MB: {}; load below 1 s: {}.**\n",
        table::markdown(&["points a second", "min", "median", "max"], &lines),
        options.runs,
        thousands(POINTS as u64),
        ON_BORDERS,
        thousands(inside as u64),
        peer.versions()?,
        machine::cores(),
        thousands(POINTS as u64),
        thousands(count as u64),
        vertices(&grids, day, count),
        bytes as f64 / 1e6,
        GOALS[0],
        times[0],
        met(times[0] >= GOALS[0]),
        times[1],
        met(times[1] >= GOALS[1]),
        met(bytes < 200_000_000 && held < 200.0),
        met(loading.max(again) < 1.0),
    ))
}

fn vertices(grids: &Grids, day: Day, count: usize) -> String {
    let all: usize = grids
        .list(Layer::Base, day, None)
        .map(|grid| grid.rings().map(|(ring, _)| ring.len()).sum::<usize>())
        .sum();
    format!("{:.1}", all as f64 / count.max(1) as f64)
}

/// Makes the land of the whole province on the data of a node.
pub(crate) fn land(data: &Path, address: &str) -> Result<()> {
    crate::server::run(&["generate", "grids"], data, address, "")
}
