package auth

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// The page waits for as long as the exchange takes: the code is good for two minutes, and so is the browser's request.
func TestPageOutwaitsASlowExchange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, socket := piped()
		defer l.close()
		conn := socket.dial()
		defer conn.Close()
		fmt.Fprint(conn, "GET /callback?code=c&state=s HTTP/1.1\r\nHost: 127.0.0.1:8765\r\n\r\n")
		<-l.answers
		time.Sleep(codeLife)
		l.decide(verdict{http.StatusOK, "success", "You are logged in", ""})
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("no page after a slow exchange: %v", err)
		}
		defer resp.Body.Close()
		if page, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(page), "You are logged in") {
			t.Errorf("status %d, %v, page %q", resp.StatusCode, err, page)
		}
	})
}

// The page is with the system, whole, before close goes on and the program ends.
func TestPageIsWholeBeforeClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, socket := piped()
		conn := socket.dial()
		defer conn.Close()
		fmt.Fprint(conn, "GET /callback?code=c&state=s HTTP/1.1\r\nHost: 127.0.0.1:8765\r\n\r\n")
		<-l.answers
		l.decide(verdict{http.StatusOK, "success", "You are logged in", ""})
		go l.close()
		var page []byte
		for b := make([]byte, 1); ; page = append(page, b[0]) { // a slow reader: whoever would cut it off gets the time to
			synctest.Wait()
			if _, err := conn.Read(b); err != nil {
				break
			}
		}
		if !bytes.HasSuffix(page, []byte("</html>\n")) {
			t.Errorf("cut off after %d bytes", len(page))
		}
	})
}

// The same address twice (a double click, a reload while waiting) is one answer and gets the same page twice. So it is where
// nobody reads the answer any more, since one was pasted.
func TestTheRealAnswerTwice(t *testing.T) {
	t.Parallel()
	for name, read := range map[string]bool{"the browser's counts": true, "a pasted one counts": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l, socket := piped()
				defer l.close()
				var visits []net.Conn
				for range 2 {
					conn := socket.dial()
					defer conn.Close()
					fmt.Fprint(conn, "GET /callback?code=c&state=s HTTP/1.1\r\nHost: 127.0.0.1:8765\r\n\r\n")
					visits = append(visits, conn)
				}
				if read {
					<-l.answers
				}
				synctest.Wait() // until both wait for the verdict
				if n := len(l.answers); read && n > 0 {
					t.Errorf("%d answers more than one", n)
				}
				l.decide(verdict{http.StatusOK, "success", "You are logged in", ""})
				for i, conn := range visits {
					if page, err := io.ReadAll(conn); err != nil || !bytes.Contains(page, []byte("You are logged in")) {
						t.Errorf("visit %d: %v, page %q", i, err, page)
					}
				}
			})
		})
	}
}

// Another answer with the right state is refused at once: a code is good once, and the first one is being used.
func TestAnotherAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, socket := piped()
		defer l.close()
		visits := [2]net.Conn{socket.dial(), socket.dial()}
		for i, code := range []string{"c", "another"} {
			defer visits[i].Close()
			fmt.Fprintf(visits[i], "GET /callback?code=%s&state=s HTTP/1.1\r\nHost: 127.0.0.1:8765\r\n\r\n", code)
			synctest.Wait()
		}
		l.decide(verdict{http.StatusOK, "success", "You are logged in", ""})
		answer, err := io.ReadAll(visits[1])
		if err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 409 ")) || bytes.Contains(answer, []byte("You are logged in")) {
			t.Errorf("%q, %v", answer, err)
		}
		if first := <-l.answers; first.code != "c" || len(l.answers) != 0 {
			t.Errorf("the answer is %q, and %d more", first.code, len(l.answers))
		}
	})
}

// A browser that comes when the login is over gets no page, and holds nothing up.
func TestCallbackAfterTheEnd(t *testing.T) {
	t.Parallel()
	l, _ := piped()
	l.close()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/callback?code=c&state=s", nil)
	r.Host = "127.0.0.1:8765"
	l.serve(w, r)
	if w.Code != http.StatusConflict || len(l.answers) != 0 {
		t.Errorf("status %d, %d answers", w.Code, len(l.answers))
	}
}

// A browser that does not read its page holds the login up for no longer than answerWait.
func TestCloseDoesNotWaitForAReaderForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, socket := piped()
		conn := socket.dial()
		defer conn.Close()
		fmt.Fprint(conn, "GET /callback?code=c&state=s HTTP/1.1\r\nHost: 127.0.0.1:8765\r\n\r\n")
		<-l.answers
		began := time.Now()
		l.close()
		if waited := time.Since(began); waited > answerWait {
			t.Errorf("waited %v", waited)
		}
	})
}

// Without a page to write there is nothing to wait for, whatever strangers hold open.
func TestCloseDoesNotWaitForStrangers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, socket := piped()
		for _, sent := range []string{"", "GET /callb", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"} {
			conn := socket.dial()
			defer conn.Close()
			fmt.Fprint(conn, sent)
			go io.Copy(io.Discard, conn)
		}
		synctest.Wait()
		began := time.Now()
		l.close()
		if waited := time.Since(began); waited != 0 {
			t.Errorf("waited %v for strangers", waited)
		}
		time.Sleep(time.Second) // net/http's own pause after a body that was not read
	})
}

// A connection that sends nothing, or half of a request, is closed in time; a burst is made to queue, not cut off.
func TestPendingConnections(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, socket := piped()
		defer l.close()
		conn := socket.dial()
		fmt.Fprint(conn, "GET /callback?code=c&state=s HTTP/1.1\r\nHost: ")
		began := time.Now()
		_, _ = io.Copy(io.Discard, conn) // ends when the server closes it, with its 408 or without
		if waited := time.Since(began); waited > headerWait+time.Second {
			t.Errorf("half a request was waited for for %v", waited)
		}

		for range maxOpen { // those that went away by themselves take no place
			socket.dial().Close()
		}
		synctest.Wait()
		l.conns.mu.Lock()
		left := len(l.conns.open)
		l.conns.mu.Unlock()
		if left != 0 {
			t.Errorf("%d closed connections are held", left)
		}

		began = time.Now()
		var idle []net.Conn
		for range 3 * maxOpen {
			conn := socket.dial()
			defer conn.Close()
			idle = append(idle, conn)
		}
		synctest.Wait()
		l.conns.mu.Lock()
		held := len(l.conns.open)
		l.conns.mu.Unlock()
		if waited := time.Since(began); held > maxOpen || waited < patience {
			t.Errorf("%d connections are held after %v", held, waited)
		}
		for i, want := range map[int]bool{0: true, maxOpen - 1: true, 3*maxOpen - 1: false} {
			_ = idle[i].SetReadDeadline(time.Now().Add(time.Millisecond))
			_, err := idle[i].Read(make([]byte, 1))
			if closed := errors.Is(err, io.EOF); closed != want {
				t.Errorf("connection %d: closed %v, want %v (%v)", i, closed, want, err)
			}
		}
	})
}

// piped is a listener of a login on connections within the process, for a test whose clock is not the real one.
func piped() (*listener, *pipes) {
	r := redirect{text: "http://127.0.0.1:8765/callback", scheme: "http", host: "127.0.0.1", port: "8765", path: "/callback"}
	l := newListener(r, listenerOptions{
		expect: expectation{state: "s", origin: "https://acme.my.workfront.com"}, host: "h", profile: "p", notice: func(string) {},
	})
	socket := &pipes{incoming: make(chan net.Conn), closed: make(chan struct{})}
	l.start([]net.Listener{socket}, l.serve)
	return l, socket
}

type pipes struct {
	incoming chan net.Conn
	closed   chan struct{}
	count    atomic.Int64
}

func (p *pipes) dial() net.Conn {
	near, far := net.Pipe()
	p.incoming <- pipeEnd{far, p.count.Add(1)}
	return near
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.incoming:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8765} }

type pipeEnd struct {
	net.Conn
	number int64
}

func (e pipeEnd) RemoteAddr() net.Addr {
	return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 10000 + int(e.number)}
}
