package emulator

import (
	"net/http"
	"sync"
	"time"
)

// seenRequest is one that was answered, as the control page shows it: without its parameters, which may hold secrets.
type seenRequest struct {
	at     time.Time
	method string
	path   string
	status int // 0: the connection ended
	took   time.Duration
}

// requestLog keeps the last requests.
type requestLog struct {
	mu   sync.Mutex // guards what follows
	last []seenRequest
	all  int
}

const keptRequests = 50

func (l *requestLog) add(s seenRequest) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all++
	if len(l.last) == keptRequests {
		l.last = append(l.last[:0], l.last[1:]...)
	}
	l.last = append(l.last, s)
}

// latest are the last requests, the newest first, and how many there were in all.
func (l *requestLog) latest() (last []seenRequest, all int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.last {
		last = append(last, l.last[len(l.last)-1-i])
	}
	return last, l.all
}

// wrap notes each request when it has ended, also where its connection is cut.
func (l *requestLog) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		noted := &statusWriter{ResponseWriter: w}
		whole := false
		defer func() {
			if !whole {
				noted.status = 0
			}
			l.add(seenRequest{began, r.Method, r.URL.EscapedPath(), noted.status, time.Since(began)})
		}()
		next.ServeHTTP(noted, r)
		if whole = true; noted.status == 0 {
			noted.status = http.StatusOK
		}
	})
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush is for those who ask for a http.Flusher.
func (w *statusWriter) Flush() {
	if f, ok := w.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
}
