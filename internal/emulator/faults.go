package emulator

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault is one thing that goes wrong with a request.
type Fault string

// The first group answers in the tenant's place: the request is not taken up. The second lets the
// tenant do as it was told, and harms the answer.
const (
	FaultTooMany      Fault = "429"         // too many concurrent requests
	FaultUnavailable  Fault = "503"         // an HTML page of the network, with Retry-After: 1
	FaultBadGateway   Fault = "502"         // an HTML page of the network
	FaultHTML         Fault = "html"        // an HTML page with status 200
	FaultUnauthorized Fault = "401"         // the session is said to be gone
	FaultLoggedOut    Fault = "logged-out"  // the same with status 200
	FaultMaintenance  Fault = "maintenance" // an HTML page with status 503, and no word of when it ends
	FaultDrop         Fault = "drop"        // the connection ends without an answer

	FaultCut   Fault = "cut"   // half the body, then the connection ends
	FaultLose  Fault = "lose"  // the connection ends, but the request was taken up
	FaultDelay Fault = "delay" // the answer comes later, by Faults.Delay
)

// Faults say what goes wrong by chance below /attask/.
type Faults struct {
	Rate  float64       // how many of the requests, from 0 to 1
	Kinds []Fault       // which, in equal parts; none means 429, 503, html, cut, drop and delay
	Delay time.Duration // 0 means 100 ms
}

// FailNext makes the next n requests whose path begins with prefix fail in that way, before chance has
// its say.
func (t *Tenant) FailNext(prefix string, kind Fault, n int) { t.faults.failNext(prefix, kind, n) }

// injector decides which requests fail.
type injector struct {
	faults Faults

	mu      sync.Mutex // guards what follows
	rng     *rand.Rand
	ordered []order

	standing []*standing
	rules    int // how many have stood
}

type order struct {
	prefix string
	kind   Fault
	left   int
}

func newInjector(seed uint64, faults Faults) *injector {
	if faults.Kinds == nil {
		faults.Kinds = []Fault{FaultTooMany, FaultUnavailable, FaultHTML, FaultCut, FaultDrop, FaultDelay}
	}
	if faults.Delay == 0 {
		faults.Delay = 100 * time.Millisecond
	}
	return &injector{faults: faults, rng: rand.New(rand.NewPCG(seed, streamFaults))}
}

func (j *injector) failNext(prefix string, kind Fault, n int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ordered = append(j.ordered, order{prefix, kind, n})
}

// next is the fault of a request, "" for none, after a delay. Of the rules that stand the first one strikes, and every latency.
func (j *injector) next(path string) (kind Fault, delay time.Duration) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, s := range j.standing {
		switch {
		case s.Kind != FaultDelay && kind != "" || !s.strikes(path, j.rng.Float64):
		case s.Kind == FaultDelay:
			delay += s.Latency
		default:
			kind = s.Kind
		}
	}
	if kind == "" {
		kind = j.ofOrdersOrChance(path)
	}
	return kind, delay
}

func (j *injector) ofOrdersOrChance(path string) Fault {
	for i := range j.ordered {
		if o := &j.ordered[i]; o.left > 0 && strings.HasPrefix(path, o.prefix) {
			o.left--
			return o.kind
		}
	}
	j.ordered = slices.DeleteFunc(j.ordered, func(o order) bool { return o.left == 0 })
	if j.faults.Rate == 0 || !strings.HasPrefix(path, "/attask/") || j.rng.Float64() >= j.faults.Rate {
		return ""
	}
	return j.faults.Kinds[j.rng.IntN(len(j.faults.Kinds))]
}

func (j *injector) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind, delay := j.next(r.URL.Path)
		if delay > 0 && !sleep(r, delay) {
			return
		}
		switch kind {
		case FaultTooMany:
			writeError(w, tooManyRequests())
		case FaultUnavailable:
			w.Header().Set("Retry-After", "1")
			writeHTML(w, http.StatusServiceUnavailable, "Service Unavailable")
		case FaultBadGateway:
			writeHTML(w, http.StatusBadGateway, "Bad Gateway")
		case FaultHTML:
			writeHTML(w, http.StatusOK, "Maintenance")
		case FaultMaintenance:
			writeHTML(w, http.StatusServiceUnavailable, "Scheduled Maintenance")
		case FaultUnauthorized:
			writeError(w, loggedOut())
		case FaultLoggedOut:
			refused := loggedOut()
			refused.status = http.StatusOK
			writeError(w, refused)
		case FaultDrop:
			panic(http.ErrAbortHandler)
		case FaultLose:
			next.ServeHTTP(&recorder{header: make(http.Header)}, r)
			panic(http.ErrAbortHandler)
		case FaultCut:
			cut(w, r, next)
		case FaultDelay:
			if sleep(r, j.faults.Delay) {
				next.ServeHTTP(w, r)
			}
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// cut sends half of an answer whose length was announced.
func cut(w http.ResponseWriter, r *http.Request, next http.Handler) {
	whole := &recorder{header: w.Header(), status: http.StatusOK}
	next.ServeHTTP(whole, r)
	w.Header().Set("Content-Length", strconv.Itoa(whole.body.Len()))
	w.WriteHeader(whole.status)
	w.Write(whole.body.Bytes()[:whole.body.Len()/2])
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	panic(http.ErrAbortHandler)
}

// sleep waits, and says whether somebody still waits for the answer.
func sleep(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// recorder keeps an answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header         { return w.header }
func (w *recorder) WriteHeader(status int)      { w.status = status }
func (w *recorder) Write(p []byte) (int, error) { return w.body.Write(p) }
