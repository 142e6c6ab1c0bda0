//! Bodies for the rooms `directory`, `rules` and `sessions`.
//!
//! Must not: depend on another body (each is rolled back). Invariant: values are asserted, not only success.

use jingwei_store::directory::{DivisionRow, PersonRow, PostRow, StagedRow, UnitRow};
use jingwei_store::sessions::{CredentialRow, SessionRow};
use jingwei_store::{directory, rules, sessions};

use crate::conformance::{Entry, entry};
use crate::fixture::{AT, id};

pub(crate) fn entries() -> Vec<Entry> {
    vec![
        entry!(directory::upsert_divisions, |tx| {
            directory::upsert_divisions(tx, vec![division(1, "513425"), division(2, "5134")])
                .unwrap();
            let renamed = DivisionRow {
                valid_to: Some(20_210_101),
                successor: Some(id(3)),
                ..division(1, "513425")
            };
            directory::upsert_divisions(tx, vec![renamed.clone(), division(3, "513402")]).unwrap();
            assert_eq!(
                directory::all_divisions(tx).unwrap(),
                [division(2, "5134"), division(3, "513402"), renamed]
            );
        }),
        entry!(directory::all_divisions, |tx| {
            assert_eq!(directory::all_divisions(tx).unwrap(), []);
            directory::upsert_divisions(
                tx,
                (1..=50).map(|n| division(n, &format!("{n:03}"))).collect(),
            )
            .unwrap();
            let rows = directory::all_divisions(tx).unwrap();
            assert_eq!(
                rows,
                (1..=50)
                    .map(|n| division(n, &format!("{n:03}")))
                    .collect::<Vec<_>>()
            );
        }),
        entry!(directory::upsert_units, |tx| {
            directory::upsert_units(tx, vec![unit(1, "b"), unit(2, "a")]).unwrap();
            let closed = UnitRow {
                active: false,
                contact: None,
                lon_e7: None,
                ..unit(1, "b")
            };
            directory::upsert_units(tx, vec![closed.clone()]).unwrap();
            assert_eq!(directory::all_units(tx).unwrap(), [unit(2, "a"), closed]);
            assert_eq!(
                directory::upsert_units(tx, vec![unit(3, "a")])
                    .unwrap_err()
                    .code(),
                "store.constraint"
            );
        }),
        entry!(directory::all_units, |tx| {
            // By bytes, whatever the server's locale: capitals, small letters, then Chinese.
            directory::upsert_units(tx, vec![unit(1, "中"), unit(2, "a"), unit(3, "B")]).unwrap();
            assert_eq!(
                directory::all_units(tx).unwrap(),
                [unit(3, "B"), unit(2, "a"), unit(1, "中")]
            );
        }),
        entry!(directory::upsert_people, |tx| {
            directory::upsert_people(tx, vec![person(1), person(2)]).unwrap();
            let gone = PersonRow {
                active: false,
                phone: None,
                ..person(2)
            };
            directory::upsert_people(tx, vec![gone.clone()]).unwrap();
            assert_eq!(directory::all_people(tx).unwrap(), [person(1), gone]);
            let double = PersonRow {
                id: id(3),
                ..person(1)
            };
            assert_eq!(
                directory::upsert_people(tx, vec![double])
                    .unwrap_err()
                    .code(),
                "store.constraint"
            );
        }),
        entry!(directory::all_people, |tx| {
            directory::upsert_people(tx, vec![person(9), person(2), person(5)]).unwrap();
            assert_eq!(
                directory::all_people(tx).unwrap(),
                [person(2), person(5), person(9)]
            );
        }),
        entry!(directory::set_posts, |tx| {
            directory::set_posts(
                tx,
                &[id(1), id(2)],
                vec![post(1, "a"), post(1, "a"), post(1, "b"), post(2, "a")],
            )
            .unwrap();
            assert_eq!(
                directory::all_posts(tx).unwrap(),
                [post(1, "a"), post(1, "b"), post(2, "a")]
            );
            directory::set_posts(tx, &[id(1)], vec![post(1, "c")]).unwrap();
            assert_eq!(
                directory::all_posts(tx).unwrap(),
                [post(1, "c"), post(2, "a")]
            );
            directory::set_posts(tx, &[id(2)], vec![]).unwrap();
            directory::set_posts(tx, &[], vec![]).unwrap();
            assert_eq!(directory::all_posts(tx).unwrap(), [post(1, "c")]);
        }),
        entry!(directory::all_posts, |tx| {
            directory::set_posts(
                tx,
                &[id(1), id(2)],
                vec![post(2, "a"), post(1, "b"), post(1, "a")],
            )
            .unwrap();
            assert_eq!(
                directory::all_posts(tx).unwrap(),
                [post(1, "a"), post(1, "b"), post(2, "a")]
            );
        }),
        entry!(directory::stage, |tx| {
            directory::stage(tx, id(1), 0, vec![1]).unwrap();
            directory::stage(tx, id(1), 0, vec![]).unwrap();
            assert_eq!(
                directory::staged_parts(tx, id(1)).unwrap(),
                [staged(0, vec![])]
            );
        }),
        entry!(directory::staged_parts, |tx| {
            directory::stage(tx, id(1), 1, vec![0, 255]).unwrap();
            directory::stage(tx, id(1), 0, vec![2]).unwrap();
            directory::stage(tx, id(2), 0, vec![3]).unwrap();
            assert_eq!(
                directory::staged_parts(tx, id(1)).unwrap(),
                [staged(0, vec![2]), staged(1, vec![0, 255])]
            );
        }),
        entry!(directory::drop_staged, |tx| {
            directory::stage(tx, id(1), 0, vec![1]).unwrap();
            directory::stage(tx, id(1), 1, vec![1]).unwrap();
            assert_eq!(directory::drop_staged(tx, id(1)).unwrap(), 2);
            assert_eq!(directory::staged_parts(tx, id(1)).unwrap(), []);
        }),
        entry!(rules::put, |tx| {
            rules::put(tx, &[1], &[10], AT).unwrap();
            rules::put(tx, &[1], &[11], AT + 1).unwrap();
            assert_eq!(
                rules::get(tx, &[1]).unwrap(),
                Some(vec![10]),
                "a rule set never changes"
            );
        }),
        entry!(rules::present, |tx| {
            assert_eq!(rules::present(tx).unwrap(), None);
            rules::put(tx, &[1], &[10], AT).unwrap();
            assert_eq!(rules::present(tx).unwrap(), None);
            rules::set_present(tx, &[1]).unwrap();
            assert_eq!(rules::present(tx).unwrap(), Some((vec![1], vec![10])));
        }),
        entry!(rules::get, |tx| {
            rules::put(tx, &[1], &[10], AT).unwrap();
            assert_eq!(rules::get(tx, &[1]).unwrap(), Some(vec![10]));
            assert_eq!(rules::get(tx, &[2]).unwrap(), None);
        }),
        entry!(rules::set_present, |tx| {
            rules::put(tx, &[1], &[10], AT).unwrap();
            rules::put(tx, &[2], &[20], AT).unwrap();
            rules::set_present(tx, &[1]).unwrap();
            rules::set_present(tx, &[2]).unwrap();
            assert_eq!(rules::present(tx).unwrap(), Some((vec![2], vec![20])));
            assert_eq!(
                rules::set_present(tx, &[3]).unwrap_err().code(),
                "store.constraint"
            );
        }),
        entry!(sessions::put_credential, |tx| {
            sessions::put_credential(tx, credential("x")).unwrap();
            sessions::put_credential(tx, credential("y")).unwrap();
            assert_eq!(
                sessions::credential(tx, id(1)).unwrap(),
                Some(credential("y"))
            );
        }),
        entry!(sessions::credential, |tx| {
            assert_eq!(sessions::credential(tx, id(1)).unwrap(), None);
            sessions::put_credential(tx, credential("x")).unwrap();
            assert_eq!(
                sessions::credential(tx, id(1)).unwrap(),
                Some(credential("x"))
            );
        }),
        entry!(sessions::insert, |tx| {
            sessions::insert(tx, session(1, 1)).unwrap();
            assert_eq!(sessions::find(tx, &[1]).unwrap(), Some(session(1, 1)));
            assert_eq!(
                sessions::insert(tx, session(1, 2)).unwrap_err().code(),
                "store.constraint"
            );
        }),
        entry!(sessions::find, |tx| {
            sessions::insert(tx, session(1, 1)).unwrap();
            assert_eq!(sessions::find(tx, &[2]).unwrap(), None);
            assert_eq!(sessions::find(tx, &[1]).unwrap(), Some(session(1, 1)));
        }),
        entry!(sessions::touch, |tx| {
            sessions::insert(tx, session(1, 1)).unwrap();
            assert!(sessions::touch(tx, &[1], AT + 5, AT + 500).unwrap());
            let touched = SessionRow {
                seen_at: AT + 5,
                expires_at: AT + 500,
                ..session(1, 1)
            };
            assert_eq!(sessions::find(tx, &[1]).unwrap(), Some(touched));
            assert!(!sessions::touch(tx, &[2], AT, AT).unwrap());
        }),
        entry!(sessions::delete, |tx| {
            sessions::insert(tx, session(1, 1)).unwrap();
            assert!(sessions::delete(tx, &[1]).unwrap());
            assert!(!sessions::delete(tx, &[1]).unwrap());
        }),
        entry!(sessions::delete_of_person, |tx| {
            for (token, owner) in [(1, 1), (2, 1), (3, 2)] {
                sessions::insert(tx, session(token, owner)).unwrap();
            }
            assert_eq!(sessions::delete_of_person(tx, id(1)).unwrap(), 2);
            assert_eq!(sessions::find(tx, &[3]).unwrap(), Some(session(3, 2)));
        }),
        entry!(sessions::sweep, |tx| {
            for token in 1..=5 {
                sessions::insert(tx, session(token, 1)).unwrap();
            }
            assert_eq!(sessions::sweep(tx, AT + 1002).unwrap(), 2);
            assert_eq!(sessions::find(tx, &[3]).unwrap(), Some(session(3, 1)));
        }),
    ]
}

fn division(n: u128, code: &str) -> DivisionRow {
    let name = "天仙镇".to_owned();
    DivisionRow {
        id: id(n),
        code: code.to_owned(),
        name,
        level: 4,
        valid_from: None,
        valid_to: None,
        successor: None,
    }
}

fn unit(n: u128, code: &str) -> UnitRow {
    UnitRow {
        id: id(n),
        code: code.to_owned(),
        name: "单位".to_owned(),
        name_en: Some("Unit".to_owned()),
        kind: "department".to_owned(),
        division: "5134".to_owned(),
        capabilities: "[]".to_owned(),
        duty: String::new(),
        contact: Some(vec![1]),
        lon_e7: Some(-1),
        lat_e7: None,
        active: true,
    }
}

fn person(n: u8) -> PersonRow {
    let phone = Some(vec![4, n]);
    PersonRow {
        id: id(n.into()),
        account_index: vec![n],
        account: vec![2, n],
        name: vec![3, n],
        phone,
        active: true,
    }
}

fn post(person: u128, role: &str) -> PostRow {
    PostRow {
        person: id(person),
        role: role.to_owned(),
        unit: id(9),
        division: "5134".to_owned(),
    }
}

fn staged(part: i64, content: Vec<u8>) -> StagedRow {
    StagedRow {
        import: id(1),
        part,
        content,
    }
}

fn credential(hash: &str) -> CredentialRow {
    CredentialRow {
        person: id(1),
        hash: hash.to_owned(),
        set_at: AT,
    }
}

fn session(token: u8, person: u128) -> SessionRow {
    SessionRow {
        id: vec![token],
        person: id(person),
        csrf: vec![9, token],
        created_at: AT,
        seen_at: AT,
        expires_at: AT + 1000 + i64::from(token),
    }
}
