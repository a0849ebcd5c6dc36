//! Cameras that are none, or not what one would wish.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::pictures::nal_units;
use super::*;

/// What is said of a camera that gives this answer to the first question, or none.
async fn check(answer: Option<&str>, carrier: Carrier, reach: Reach, expected: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "rtsp://anna:s3cret@{}/live?password=s3cret",
        listener.local_addr().unwrap()
    );
    let answer = answer.map(str::to_owned);
    let serving = tokio::spawn(async move {
        let (mut peer, _) = listener.accept().await.unwrap();
        let mut asked = [0; 1024];
        assert!(peer.read(&mut asked).await.unwrap() > 0);
        match answer {
            Some(answer) => peer.write_all(answer.as_bytes()).await.unwrap(),
            None => std::future::pending().await,
        }
    });
    let camera = Camera::parse(&url, carrier).unwrap();
    let opened = camera.open_in_time(reach, Arc::default()).await;
    serving.abort();
    let said = opened.err().expect("it does not play").to_string();
    assert!(said.contains(expected), "{said}");
    assert!(!said.contains("s3cret"), "{said}");
}

fn described(sdp: &str) -> String {
    let sdp = format!("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\n{sdp}");
    format!(
        "RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}",
        sdp.len()
    )
}

#[tokio::test]
async fn an_answer_that_does_not_help_is_explained() {
    let cases = [
        (String::new(), "closed the connection"),
        (
            "HTTP/1.1 400 Bad Request\r\n\r\n".to_owned(),
            "does not speak RTSP",
        ),
        (
            "RTSP/1.0 404 Not Found\r\nCSeq: 1\r\n\r\n".to_owned(),
            "look up the camera's RTSP path",
        ),
        (
            "RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n\r\n".to_owned(),
            "does not accept this user and password",
        ),
        (
            described("m=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000\r\na=control:x\r\n"),
            "sends H265, which is not shown yet",
        ),
        (
            described("m=audio 0 RTP/AVP 8\r\na=control:x\r\n"),
            "sends no video",
        ),
        (described("nonsense"), "cannot be played"),
    ];
    for (answer, expected) in cases {
        check(Some(&answer), Carrier::Tcp, Reach::Everywhere, expected).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_camera_that_does_not_answer_is_not_waited_for_long() {
    let within = "no answer within 6 s";
    check(None, Carrier::Tcp, Reach::Everywhere, within).await;
}

#[tokio::test]
async fn datagrams_are_not_led_where_a_source_may_not_reach() {
    let here = Reach::Only("127.0.0.1".parse().unwrap());
    check(None, Carrier::Udp, here, "leave #transport=udp out").await;
    check(None, Carrier::Tcp, Reach::Public, "not a public address").await;
}

#[test]
fn nal_units_stand_behind_their_lengths() {
    let check = |data: &[u8], expected: &[&[u8]]| {
        assert_eq!(nal_units(data).collect::<Vec<_>>(), expected);
    };
    check(&[], &[]);
    check(&[0, 0, 0, 1, 9], &[&[9]]);
    check(
        &[0, 0, 0, 1, 9, 0, 0, 0, 0, 0, 0, 0, 2, 7, 8],
        &[&[9], &[], &[7, 8]],
    );
    check(&[0, 0, 0, 1, 9, 0, 0, 0, 3, 7, 8], &[&[9]]);
    check(&[0, 0, 0], &[]);
    check(&[255; 9], &[]);
}
