//! What an authority answers over a stream is what it answers in process.

use std::{io::Cursor, os::unix::net::UnixStream};

use authority::{
    Authority as _, DecideRequest, DecideResponse, Decider, Local,
    wire::{MAX_FRAME, Request, Response, answer, read, write},
};
use capability::{Decision, Status};
use ledger::Event;
use proptest::prelude::*;

struct Allow;

impl Decider for Allow {
    fn decide(&self, request: DecideRequest) -> Result<DecideResponse, String> {
        Ok(DecideResponse {
            decision: Decision::Allow,
            status: Status::Community,
            reasons: vec!["a test allows it".into()],
            policy: request.policy,
        })
    }
}

#[test]
fn a_conversation_over_a_socket_is_recorded_and_answered() {
    let dir = tempfile::tempdir().expect("a directory");
    let local = Local::open(dir.path(), Box::new(Allow)).expect("opened");
    let (mut near, mut far) = UnixStream::pair().expect("a pair");
    let event = Event::now("vet", "me", "it", "body".into());
    let requests = [
        Request::Hello,
        Request::Append {
            events: vec![event.clone()],
        },
        Request::Events {
            from: 0,
            prefix: "vet".into(),
        },
        Request::Events {
            from: 7,
            prefix: "vet".into(),
        },
        Request::Decide(DecideRequest {
            policy: "admission".into(),
            input: 7.into(),
        }),
    ];
    let answers: Vec<Response> = std::thread::scope(|scope| {
        scope.spawn(|| {
            while let Some(request) = read(&mut far).expect("a request") {
                write(&mut far, &answer(&local, request)).expect("answered");
            }
        });
        let ask = |request| {
            write(&mut near, &request).expect("asked");
            read(&mut near).expect("an answer").expect("not closed")
        };
        let answers = requests.into_iter().map(ask).collect();
        drop(near);
        answers
    });
    let key = local.key().to_string();
    assert_eq!(
        answers[0],
        Response::Hello {
            key,
            guarantee: local.guarantee().into()
        }
    );
    assert!(matches!(&answers[1], Response::Appended { receipts } if receipts[0].index == 0));
    let Response::Events(events) = &answers[2] else {
        panic!("{:?}", answers[2])
    };
    assert_eq!((events.records[0].event.clone(), events.next), (event, 1));
    assert!(
        matches!(&answers[3], Response::Refused { message } if message.contains("no record 6"))
    );
    assert!(matches!(&answers[4], Response::Decided(d) if d.decision == Decision::Allow));
}

#[test]
fn a_frame_too_long_cut_short_or_of_another_version_is_refused() {
    let refusal = |bytes: &[u8]| {
        read::<Request>(&mut Cursor::new(bytes))
            .expect_err("refused")
            .to_string()
    };
    let frame = |json: &str| [&(json.len() as u32).to_be_bytes()[..], json.as_bytes()].concat();
    assert!(refusal(&(MAX_FRAME + 1).to_be_bytes()).contains("too long"));
    assert!(refusal(&frame(r#"{"v":2,"ask":"hello"}"#)).contains("version 2, expected 1"));
    assert!(refusal(&frame(r#"{"ask":"hello"}"#)).contains("not a message"));
    assert!(refusal(&frame(r#"{"v":1,"ask":"rule"}"#)).contains("not a message"));
    let whole = frame(r#"{"v":1,"ask":"hello"}"#);
    assert_eq!(
        read(&mut Cursor::new(&whole)).expect("whole"),
        Some(Request::Hello)
    );
    for cut in 1..whole.len() {
        assert!(
            read::<Request>(&mut Cursor::new(&whole[..cut])).is_err(),
            "cut at {cut}"
        );
    }
    assert_eq!(
        read::<Request>(&mut Cursor::new(&[])).expect("closed"),
        None
    );
}

proptest! {
    #[test]
    fn reading_any_bytes_ends(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read::<Request>(&mut Cursor::new(bytes));
    }
}
