package gateway

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"strings"
)

// List is a whole list that somebody asks for.
type List struct {
	Object, Format string
	Fields         []string // each as the parameter fields has it; none: all
	Dates          string   // the form of dates; empty: Workfront's
	Filters        []string // and Workfront's own parameters of filters
	Order          []Parameter
}

// Rows writes a list. What it gives to w is not changed, but held by it no longer than the call lasts. Where it fails nothing says so
// in what was written.
type Rows func(ctx context.Context, w io.Writer) error

// rows answers a whole list. Once a byte has gone out, only a connection that breaks tells that it has not come to its end.
func (g *gateway) rows(a *answer, r *http.Request, to target, q *Request) error {
	if !r.ProtoAtLeast(1, 1) {
		return errOld
	}
	l := List{Object: to.object, Format: to.format}
	for _, p := range append(q.Query, q.Form...) {
		if err := l.add(p); err != nil {
			return err
		}
	}
	read, err := g.List(l)
	if err != nil {
		return err
	}
	w := &rowWriter{g: g, a: a, contentType: contentType(to.format), packed: accepts(r.Header, "gzip")}
	if r.Method == http.MethodHead {
		w.begin()
		return nil
	}
	if err := read(r.Context(), w); err != nil {
		return err
	}
	return w.close()
}

// add reads a parameter of a list.
func (l *List) add(p Parameter) error {
	switch {
	case p.Key == "fields":
		l.Fields = append(l.Fields, p.Value)
	case p.Key == "dates":
		l.Dates = p.Value
	case strings.EqualFold(p.Key, "method"): // get, or it would not have come so far
	case p.Key == "$$FIRST" || p.Key == "$$LIMIT":
		return refusef(http.StatusBadRequest, "%s: a list is read whole, and its pages are chosen by wfauth; /attask/ answers single pages", p.Key)
	case strings.HasSuffix(p.Key, "_Sort"):
		l.Order = append(l.Order, p)
	case isOption(p.Key):
		return refusef(http.StatusBadRequest, "%s is no filter: a list takes fields, dates=iso, filters, and Workfront's _Mod, _Range and _Sort", p.Key)
	default:
		l.Filters = append(l.Filters, p.Text)
	}
	return nil
}

// isOption tells Workfront's parameters that are about something else than which rows, and in which order.
func isOption(name string) bool {
	switch strings.ToLower(name) {
	case "updates", "atomic", "force", "copysourceid", "map", "listoptions", "jsonp", "$$rollup":
		return true
	}
	return strings.HasSuffix(name, "_GroupBy") || strings.HasSuffix(name, "_AggFunc")
}

// rowWriter sends rows to a caller as they come.
type rowWriter struct {
	g           *gateway
	a           *answer
	contentType string
	packed      bool
	z           *gzip.Writer
}

func (w *rowWriter) begin() {
	h := w.a.Header()
	h.Set("Content-Type", w.contentType)
	h.Set("Cache-Control", "no-store")
	if w.packed {
		packedHeader(h)
	}
	w.a.WriteHeader(http.StatusOK)
}

// Write sends some whole rows at once.
func (w *rowWriter) Write(p []byte) (int, error) {
	if !w.a.begun {
		w.begin()
	}
	rows := hide(bytes.Clone(p), w.g.Secrets())
	var err error
	if w.packed {
		if w.z == nil {
			w.z, _ = gzip.NewWriterLevel(w.a, gzip.BestSpeed) // a constant level has no error
		}
		if _, err = w.z.Write(rows); err == nil {
			err = w.z.Flush()
		}
	} else {
		_, err = w.a.Write(rows)
	}
	if err == nil {
		err = w.a.control.Flush()
	}
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

// close ends a list that is whole.
func (w *rowWriter) close() error {
	if !w.a.begun {
		w.packed = false
		w.begin()
	}
	if w.z != nil {
		return w.z.Close()
	}
	return nil
}
