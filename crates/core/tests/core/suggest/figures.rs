//! placeholder
use std::collections::BTreeMap;
use jingwei_core::rules::table::Table;
use jingwei_core::suggest::*;
use super::learn::*;

fn table(name: &str) -> Table {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/rules").join(name);
    let text = std::fs::read_to_string(path).expect("table");
    let mut faults = vec![];
    let t = Table::read(name, &text, &mut faults);
    assert_eq!(faults, []);
    t
}

#[test]
fn dev() {
    let t: Vec<Table> = ["classes.csv","class_words.csv","synonyms.csv","out_words.csv","danger_words.csv","severity_words.csv","suggestion.csv"].map(table).into();
    let mut faults = vec![];
    let s = Suggester::read(Tables{classes:&t[0],class_words:&t[1],synonyms:&t[2],out_words:&t[3],danger_words:&t[4],severity_words:&t[5],weights:&t[6]}, &mut faults);
    assert_eq!(faults, []);
    let mut f2 = vec![];
    let ex = Table::read("x", include_str!("../../data/dispatch_examples.csv"), &mut f2);
    let mut lessons = vec![];
    let mut meta = vec![];
    for row in ex.rows() {
        let c = s.compared(row.text("text_zh"));
        let class = row.text("class");
        let want = if row.text("kind") == "out" { row.text("hint") } else { class };
        let right = c.candidates.iter().position(|x| x == want).unwrap_or_else(|| panic!("{want}"));
        lessons.push(Lesson{rows: c.rows, right});
        meta.push((row.text("kind").to_owned(), want.to_owned(), row.text("also_class").to_owned(), c.candidates, row.text("text_zh").to_owned()));
    }
    let hand = *s.weights();
    let all = learn(&lessons, None, [0.0; FEATURE_COUNT], 12);
    for (n, w) in FEATURES.iter().zip(all) { println!("{n:14} {w:.3}"); }
    for (label, mode) in [("hand",0),("fit",1),("loo",2)] {
        let mut figs: BTreeMap<String,(u32,u32,u32,u32)> = BTreeMap::new();
        let (mut out_ok, mut out_hint, mut false_out, mut also3, mut also) = (0,0,0,0,0);
        let mut ll=0.0;
        let mut misses=vec![];
        for (i,l) in lessons.iter().enumerate() {
            let w = match mode {0=>hand,1=>all,_=>learn(&lessons, Some(i), all, 2)};
            let sh = shares(&l.rows,&w);
            ll += sh[l.right].ln();
            let (kind,want,al,cands,_text)=&meta[i];
            let is_out = |j:usize| !cands[j].starts_with(|c:char| c.is_ascii_uppercase());
            let out: f64 = (0..sh.len()).filter(|j| is_out(*j)).map(|j| sh[j]).sum();
            let mut ord:Vec<usize>=(0..sh.len()).collect();
            ord.sort_by(|a,b| sh[*b].total_cmp(&sh[*a]));
            if kind=="out" {
                let best = ord.iter().find(|j| is_out(**j)).unwrap();
                if out>=0.5 { out_ok+=1; if cands[*best]==*want {out_hint+=1} else {misses.push(format!("{want}->{}",cands[*best]))} } else {misses.push(format!("{want} not out {out:.2} top {}",cands[ord[0]]))}
                continue;
            }
            if out>=0.5 {false_out+=1; misses.push(format!("{want} FALSE OUT"));}
            let cl:Vec<&String>=ord.iter().filter(|j| !is_out(**j)).map(|j| &cands[*j]).collect();
            let rank=cl.iter().position(|c| *c==want).unwrap();
            let e=figs.entry(kind.clone()).or_default();
            e.0+=1; if rank==0{e.1+=1} if rank<3{e.2+=1} if rank<5 {e.3+=1}
            if rank>0 {misses.push(format!("{want}@{}->{}",rank+1,cl[0]));}
            if !al.is_empty(){also+=1; if cl[..3].contains(&al){also3+=1}}
        }
        println!("{label}: {figs:?} first {} three {} of {} | out {out_ok} hint {out_hint} false {false_out} also {also3}/{also} ll {ll:.1}", figs.values().map(|v|v.1).sum::<u32>(), figs.values().map(|v|v.2).sum::<u32>(), figs.values().map(|v|v.0).sum::<u32>());
        if std::env::var("MISS").is_ok() && mode==2 { println!("{misses:?}"); }
    }
}
