//! Who gets which triangle, and the shapes that come of it.
//!
//! From its site each grid takes triangles as far as the borders of its cell; where these end before the outline, the nearer
//! site takes a triangle first. Every triangle goes to exactly one grid and every grid gets one. Then each grid's border is
//! walked along: whoever is on the other side walks the same vertices the other way.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use super::super::shape::twice_area;
use super::super::{Polygon, Ring, Shape};
use super::Plane;
use super::mesh::{Mesh, OUTSIDE};
use super::sites::Sites;

/// Whose triangle it is when it is nobody's yet.
const NOBODY: u32 = u32::MAX;

/// The shape of each site, in their order.
pub(super) fn shapes(mesh: &Mesh, sites: &Sites, plane: &Plane) -> Vec<Shape> {
    if sites.points.is_empty() {
        return Vec::new();
    }
    let mut share = Share {
        mesh,
        sites: sites.points.iter().map(|site| plane.lay(*site)).collect(),
        plane,
        owner: vec![NOBODY; mesh.triangles.len()],
    };
    share.first_triangles();
    share.spread(false);
    // A part of a cell cut off by the outline goes to a neighbour, and an island without a site to the nearest site.
    share.spread(true);
    share.islands();
    borders(mesh, &share.owner, sites.points.len())
}

struct Share<'a> {
    mesh: &'a Mesh,
    /// Sites on the plane.
    sites: Vec<(f64, f64)>,
    plane: &'a Plane,
    owner: Vec<u32>,
}

impl Share<'_> {
    /// Gives each site one of the triangles around it. It lies inside the outline, so it has three or more of them, and a
    /// triangle has three sites at most: by Hall's theorem there is one for each, and an augmenting path finds it.
    fn first_triangles(&mut self) {
        let mut around = vec![Vec::new(); self.sites.len()];
        for (triangle, it) in (0_u32..).zip(&self.mesh.triangles) {
            for corner in it.corners {
                let site = (corner as usize).checked_sub(self.mesh.first_site);
                if let Some(around) = site.and_then(|site| around.get_mut(site)) {
                    around.push(triangle);
                }
            }
        }
        for site in 0..around.len() {
            let found = self.claim(site, &around, &mut Vec::new());
            assert!(found, "a site inside has a triangle");
        }
    }

    fn claim(&mut self, site: usize, around: &[Vec<u32>], tried: &mut Vec<u32>) -> bool {
        for &triangle in &around[site] {
            if tried.contains(&triangle) {
                continue;
            }
            tried.push(triangle);
            let owner = self.owner[triangle as usize];
            if owner == NOBODY || self.claim(owner as usize, around, tried) {
                self.owner[triangle as usize] = u32::try_from(site).expect("as few as counts");
                return true;
            }
        }
        false
    }

    /// Lets each site take the triangles beside its own, always the one that is nearest to a site that reaches it.
    fn spread(&mut self, over_walls: bool) {
        let mut open = BinaryHeap::new();
        for triangle in 0..self.owner.len() {
            if self.owner[triangle] != NOBODY {
                self.reach(triangle, over_walls, &mut open);
            }
        }
        while let Some(Reverse((_, triangle, owner))) = open.pop() {
            if self.owner[triangle] == NOBODY {
                self.owner[triangle] = owner;
                self.reach(triangle, over_walls, &mut open);
            }
        }
    }

    fn reach(
        &self,
        from: usize,
        over_walls: bool,
        open: &mut BinaryHeap<Reverse<(u64, usize, u32)>>,
    ) {
        let owner = self.owner[from];
        let it = &self.mesh.triangles[from];
        for (beside, wall) in it.beside.into_iter().zip(it.wall) {
            let to = beside as usize;
            if beside != OUTSIDE && (over_walls || !wall) && self.owner[to] == NOBODY {
                open.push(Reverse((self.away(to, owner), to, owner)));
            }
        }
    }

    /// A number that is greater the farther a triangle is from a site.
    fn away(&self, triangle: usize, site: u32) -> u64 {
        let corners = self.mesh.triangles[triangle].corners;
        let (x, y) = corners.iter().fold((0.0, 0.0), |(x, y), &corner| {
            let (east, north) = self.plane.lay(self.mesh.points[corner as usize]);
            (x + east / 3.0, y + north / 3.0)
        });
        let (east, north) = self.sites[site as usize];
        // The bits of floats that are not negative stand in the order of the floats.
        ((x - east) * (x - east) + (y - north) * (y - north)).to_bits()
    }

    /// Gives each island that no site reached to the nearest site.
    fn islands(&mut self) {
        for first in 0..self.owner.len() {
            if self.owner[first] == NOBODY {
                let sites = 0..u32::try_from(self.sites.len()).expect("as few as counts");
                let nearest = sites.min_by_key(|&site| self.away(first, site));
                self.owner[first] = nearest.expect("there are sites");
                self.spread(true);
            }
        }
    }
}

/// The shapes of the owners `0..count`.
fn borders(mesh: &Mesh, owner: &[u32], count: usize) -> Vec<Shape> {
    let mut polygons: Vec<Vec<Polygon>> = vec![Vec::new(); count];
    let mut seen = vec![false; owner.len()];
    for first in 0..owner.len() {
        if seen[first] {
            continue;
        }
        // One piece: what hangs together by edges.
        seen[first] = true;
        let mut piece = vec![first];
        let mut next = 0;
        while let Some(&triangle) = piece.get(next) {
            next += 1;
            for beside in mesh.triangles[triangle].beside {
                let to = beside as usize;
                if beside != OUTSIDE && owner[to] == owner[first] && !seen[to] {
                    seen[to] = true;
                    piece.push(to);
                }
            }
        }
        polygons[owner[first] as usize].push(polygon(mesh, owner, &piece));
    }
    let shape = |polygons| Shape::new(polygons).expect("each owner has a triangle");
    polygons.into_iter().map(shape).collect()
}

/// The border of one piece: its outer ring and its holes.
fn polygon(mesh: &Mesh, owner: &[u32], piece: &[usize]) -> Polygon {
    let on_border = |triangle: usize, edge: usize| {
        let beside = mesh.triangles[triangle].beside[edge];
        beside == OUTSIDE || owner[beside as usize] != owner[triangle]
    };
    let mut walked: HashSet<(usize, usize)> = HashSet::new();
    let mut rings: Vec<Ring> = Vec::new();
    for &triangle in piece {
        for edge in 0..3 {
            if !on_border(triangle, edge) || walked.contains(&(triangle, edge)) {
                continue;
            }
            let mut corners: Vec<u32> = Vec::new();
            let (mut t, mut e) = (triangle, edge);
            while walked.insert((t, e)) {
                let corner = mesh.triangles[t].corners[e];
                // Back at a corner: what lies between is a ring of its own, so that no ring touches itself.
                if let Some(since) = corners.iter().position(|&before| before == corner) {
                    rings.extend(ring(mesh, &corners[since..]));
                    corners.truncate(since);
                }
                corners.push(corner);
                e = (e + 1) % 3;
                while !on_border(t, e) {
                    let beside = mesh.triangles[t].beside[e] as usize;
                    let from = mesh.triangles[t].corners[e];
                    let back = mesh.triangles[beside]
                        .corners
                        .iter()
                        .position(|&to| to == from);
                    // There the edge runs the other way and ends at this corner: the next begins at it.
                    e = back.expect("both triangles have this corner");
                    t = beside;
                }
            }
            rings.extend(ring(mesh, &corners));
        }
    }
    let (outer, holes): (Vec<Ring>, Vec<Ring>) =
        rings.into_iter().partition(|ring| twice_area(ring) > 0);
    let outer = outer.into_iter().max_by_key(|ring| twice_area(ring));
    Polygon {
        outer: outer.expect("a piece has an outer border"),
        holes,
    }
}

/// A ring of corners without those that were put on straight lines of the outline and where no border begins.
fn ring(mesh: &Mesh, corners: &[u32]) -> Option<Ring> {
    let at = |i: usize| corners[i % corners.len()];
    let ring: Ring = (0..corners.len())
        .filter(|&i| {
            let [a, b, c] = [i + corners.len() - 1, i, i + 1].map(|i| mesh.points[at(i) as usize]);
            !mesh.between[at(i) as usize] || twice_area(&[a, b, c]) != 0
        })
        .map(|i| mesh.points[at(i) as usize])
        .collect();
    (ring.len() > 2).then_some(ring)
}
