package emulator

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
)

// What stands between a client and the tenant: the network that limits addresses, the compression and
// the number of requests served at once.

// maxURI is the longest address that Workfront's network lets through, in bytes.
const maxURI = 8892

func limitURI(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.URL.RequestURI()) > maxURI {
			writeHTML(w, http.StatusRequestURITooLong, "Request-URI Too Large")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// writeHTML answers as something that is not Workfront does.
func writeHTML(w http.ResponseWriter, status int, title string) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	io.WriteString(w, "<HTML><HEAD><TITLE>"+title+"</TITLE></HEAD><BODY><H1>"+title+"</H1></BODY></HTML>\n")
}

// limitConcurrency refuses what comes while n requests are being served; 0 is no limit. As Workfront,
// it does not say when to come again.
func limitConcurrency(n int, next http.Handler) http.Handler {
	if n <= 0 {
		return next
	}
	slots := make(chan struct{}, n)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
			next.ServeHTTP(w, r)
		default:
			writeError(w, tooManyRequests())
		}
	})
}

func tooManyRequests() *apiError {
	return &apiError{
		status:  http.StatusTooManyRequests,
		message: "Too many concurrent API requests for the given customer.",
	}
}

// compress applies gzip where the client accepts it, or always.
func compress(always bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Encoding")
		if !always && !acceptsGzip(r.Header.Get("Accept-Encoding")) {
			next.ServeHTTP(w, r)
			return
		}
		z := &gzipWriter{ResponseWriter: w}
		next.ServeHTTP(z, r)
		z.finish()
	})
}

func acceptsGzip(header string) bool {
	for coding := range strings.SplitSeq(header, ",") {
		name, quality, _ := strings.Cut(coding, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			return strings.Trim(strings.TrimSpace(quality), "q=0.") != "" || quality == ""
		}
	}
	return false
}

// gzipWriter compresses a response that has a body, unless it is a file or leads elsewhere: a part of a file
// must be the bytes that were asked for.
type gzipWriter struct {
	http.ResponseWriter
	begun bool
	body  *gzip.Writer // nil for what stays as it is
}

func (w *gzipWriter) WriteHeader(status int) {
	w.begun = true
	if status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified &&
		w.Header().Get("Location") == "" && w.Header().Get("Content-Disposition") == "" {
		w.Header().Del("Content-Length")
		w.Header().Set("Content-Encoding", "gzip")
		// Fast: the network here is the loopback device.
		w.body, _ = gzip.NewWriterLevel(w.ResponseWriter, gzip.BestSpeed) // a constant level has no error
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *gzipWriter) Write(p []byte) (int, error) {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	if w.body == nil {
		return w.ResponseWriter.Write(p)
	}
	return w.body.Write(p)
}

func (w *gzipWriter) finish() {
	if w.body != nil {
		w.body.Close() // writes what is left; the reader may have gone
	}
}

// requireLength refuses a body that comes in chunks, of which nobody knows how many.
func requireLength(required bool, next http.Handler) http.Handler {
	if !required {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength < 0 {
			writeHTML(w, http.StatusLengthRequired, "Length Required")
			return
		}
		next.ServeHTTP(w, r)
	})
}
