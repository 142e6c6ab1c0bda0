//! The peer of B2: PostGIS on the same PostgreSQL, the same borders and the same points.
//!
//! Coordinates are the whole units of 1e-7 degrees that ours are kept in, in a plane without a reference system: whole numbers
//! are exact on both sides, so that a point on a border is on it for both. Invariant: everything is loaded, indexed, analysed
//! and vacuumed before it is measured.

use std::io::Write as _;

use jingwei_core::grids::Grid;
use jingwei_core::place::Point;
use jingwei_engine::clock::Stopwatch;
use jingwei_testkit::Database;
use postgres::{Client, NoTls};

use crate::Result;
use crate::table::thousands;

/// Codes of the grids by number of the point, of all points that lie in one.
pub(crate) type Answers = Vec<Option<String>>;

/// PostGIS with grids and points.
pub(crate) struct PostGis {
    client: Client,
    points: usize,
}

/// Two ways of asking for the lowest code whose grid covers the point; the better one counts.
pub(crate) const WAYS: [(&str, &str); 2] = [
    (
        "join and least code",
        "SELECT p.id, min(g.code) FROM point p JOIN grid g ON ST_Covers(g.geom, p.geom) GROUP BY p.id",
    ),
    (
        "look-up of each point",
        "SELECT p.id, f.code FROM point p CROSS JOIN LATERAL \
         (SELECT g.code FROM grid g WHERE ST_Covers(g.geom, p.geom) ORDER BY g.code LIMIT 1) f",
    ),
];

fn wkt(grid: Grid<'_>) -> String {
    let shape = grid.shape();
    let ring = |ring: &Vec<Point>| {
        let closed = ring.iter().chain(ring.first());
        let points: Vec<String> = closed
            .map(|p| format!("{} {}", p.lon_e7, p.lat_e7))
            .collect();
        format!("({})", points.join(","))
    };
    let polygons: Vec<String> = shape
        .polygons()
        .iter()
        .map(|polygon| {
            let rings = std::iter::once(&polygon.outer)
                .chain(&polygon.holes)
                .map(ring);
            format!("({})", rings.collect::<Vec<_>>().join(","))
        })
        .collect();
    format!("MULTIPOLYGON({})", polygons.join(","))
}

impl PostGis {
    /// Loads grids and points into a database.
    pub(crate) fn load<'g>(
        database: &Database,
        grids: impl Iterator<Item = Grid<'g>>,
        points: &[Point],
    ) -> Result<Self> {
        let mut client = Client::connect(&database.address(), NoTls)?;
        client.batch_execute(
            "CREATE EXTENSION postgis;
             CREATE TABLE grid (code text COLLATE \"C\" PRIMARY KEY, geom geometry(MultiPolygon, 0) NOT NULL);
             CREATE TABLE point (id int PRIMARY KEY, geom geometry(Point, 0) NOT NULL);",
        )?;
        let mut copy = client.copy_in("COPY grid (code, geom) FROM STDIN")?;
        let mut count: i64 = 0;
        for grid in grids {
            writeln!(copy, "{}\t{}", grid.code(), wkt(grid))?;
            count += 1;
        }
        copy.finish()?;
        let mut copy = client.copy_in("COPY point (id, geom) FROM STDIN")?;
        for (id, point) in points.iter().enumerate() {
            writeln!(copy, "{id}\tPOINT({} {})", point.lon_e7, point.lat_e7)?;
        }
        copy.finish()?;
        client.batch_execute("CREATE INDEX grid_geom ON grid USING gist (geom)")?;
        client.batch_execute("VACUUM (ANALYZE) grid")?;
        client.batch_execute("VACUUM (ANALYZE) point")?;
        let there: i64 = client.query_one("SELECT count(*) FROM grid", &[])?.get(0);
        if there != count {
            return Err(format!("{there} grids in PostGIS, {count} were sent").into());
        }
        Ok(Self {
            client,
            points: points.len(),
        })
    }

    /// Asks for all points in one statement: the answers, and points a second.
    pub(crate) fn ask(&mut self, sql: &str) -> Result<(Answers, f64)> {
        let watch = Stopwatch::start();
        let rows = self.client.query(sql, &[])?;
        let seconds = watch.elapsed().as_secs_f64();
        let mut answers = vec![None; self.points];
        for row in rows {
            let id = usize::try_from(row.get::<_, i32>(0))?;
            answers[id] = Some(row.get::<_, String>(1));
        }
        Ok((answers, self.points as f64 / seconds))
    }

    /// Versions of PostgreSQL and PostGIS.
    pub(crate) fn versions(&mut self) -> Result<String> {
        let row = self.client.query_one(
            "SELECT current_setting('server_version'), postgis_lib_version(), current_setting('max_parallel_workers_per_gather')",
            &[],
        )?;
        let (server, postgis, workers): (String, String, String) =
            (row.get(0), row.get(1), row.get(2));
        let server = server.split(' ').next().unwrap_or_default();
        let points = thousands(u64::try_from(self.points)?);
        Ok(format!(
            "PostgreSQL {server}, PostGIS {postgis}, all {points} points in one statement, up to {workers} parallel workers beside the leader"
        ))
    }
}
