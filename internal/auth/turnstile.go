package auth

import (
	"errors"
	"net"
	"os"
	"time"
)

// turnstile is a socket that lets nobody in between the answer and the verdict: storing the session then has all the
// descriptors of the process. Who comes meanwhile waits in the system's queue, and is let in after the verdict, for it may be
// the browser with the same address once more.
type turnstile struct {
	net.Listener
	held, freed <-chan struct{}
	closing     time.Time // when the queue is no longer emptied; zero until the verdict
}

const (
	drainWait = 50 * time.Millisecond // nobody has come for so long: the queue is empty
	drainMost = 500 * time.Millisecond
)

// Accept ends the server's loop when the queue has been emptied after the verdict.
func (t *turnstile) Accept() (net.Conn, error) {
	select {
	case <-t.held:
		<-t.freed
		if err := t.drain(time.Now()); err != nil {
			return nil, err
		}
	default:
	}
	conn, err := t.Listener.Accept()
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = net.ErrClosed // the server would try again
	}
	return conn, err
}

func (t *turnstile) drain(now time.Time) error {
	if t.closing.IsZero() {
		t.closing = now.Add(drainMost)
	}
	timed, ok := t.Listener.(interface{ SetDeadline(time.Time) error })
	if !ok || now.After(t.closing) {
		return net.ErrClosed
	}
	return timed.SetDeadline(now.Add(drainWait))
}
