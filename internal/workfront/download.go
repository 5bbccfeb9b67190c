package workfront

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Content is what an answer says of the file that it brings.
type Content struct {
	Name string // as the server has it, which may be anything; empty: not told
	Size int64  // of the whole file, in bytes; -1: not told
	From int64  // where the answer begins
	// Validator is what the same bytes are known by when their rest is asked for; empty: nothing is.
	Validator string
	Resumes   bool // the server says that it sends parts
	Page      bool // it is HTML, and does not come as an attachment
}

// Sink is where a file goes to.
type Sink interface {
	// Has is how much of the file is there, and the validator it came with. Its rest is asked for.
	Has() (size int64, validator string)
	// Begin says what comes: the rest of what is there or, where From is 0, the whole file in its place.
	Begin(c Content) error
	io.Writer
}

// errAnew is about a rest that does not belong to what is there.
var errAnew = errors.New("the rest of the file is not of the same file")

// ErrOther is for a Sink that sees from what is written that it is not the rest of what it has.
var ErrOther = errors.New("it is another file")

// enough is how much of a file makes an attempt one that got on.
const enough = 1 << 20

// Download brings a file into a sink. Where a connection ends too early the rest is asked for, if the server says by what it can be known;
// else the file is begun anew. from is what Workfront calls its downloadURL: a path or a URL, also of another origin, to which no session
// is sent.
//
// Errors are those of [Client.Do], those of the sink as they are, and faults of the connection.
func (c *Client) Download(ctx context.Context, from string, to Sink) error {
	target, err := c.downloadURL(from)
	if err != nil {
		return err
	}
	most, whole := int64(0), false
	var t tries
	for {
		had, validator := to.Has()
		if whole {
			had, validator = 0, ""
		}
		err := c.download(ctx, target, to, had, validator)
		if errors.Is(err, errAnew) || errors.Is(err, ErrOther) {
			if whole {
				return err
			}
			whole = true
			continue
		}
		cut, ok := errors.AsType[*cutError](err)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case !ok:
			return err
		}
		whole = false
		if has, _ := to.Has(); has >= most+enough {
			most, t.repeats = has, 0
		}
		wait, again := repeat(&call{}, &outcome{err: cut.err, again: anything}, &t)
		if !again {
			return cut.err
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// cutError is a connection that brought a part of what it was to bring.
type cutError struct{ err error }

func (e *cutError) Error() string { return e.err.Error() }

// download is one answer: what follows of a file of which so much is there, or the whole.
func (c *Client) download(ctx context.Context, target *url.URL, to Sink, had int64, validator string) error {
	q := &call{method: http.MethodGet, url: target, file: true}
	var err error
	if q.header, err = c.header(nil); err != nil {
		return err
	}
	q.header.Set("Accept-Encoding", "identity") // lengths and places are to be those of the file
	rest := had > 0 && validator != ""
	if rest {
		q.header.Set("Range", fmt.Sprintf("bytes=%d-", had))
		q.header.Set("If-Range", validator)
	}
	var content Content
	q.read = func(l leg, resp *http.Response) outcome { //nolint:bodyclose // send's loop closes it, or who reads the answer
		if !rest && resp.StatusCode == http.StatusPartialContent {
			resp.Body.Close()
			return outcome{err: fmt.Errorf("%s answered with a part of the file, and the whole was asked for", l.url.Host)}
		}
		if rest && resp.StatusCode == http.StatusRequestedRangeNotSatisfiable {
			resp.Body.Close()
			return outcome{err: errAnew}
		}
		coded := resp.Header.Get("Content-Encoding") != ""
		content = contentOf(resp)
		if rest && resp.StatusCode == http.StatusPartialContent && (coded || content.From != had || content.Size < 0 || content.Validator != validator) {
			resp.Body.Close()
			return outcome{err: errAnew}
		}
		o := c.read(q, l, resp)
		if coded {
			content.Size, content.Validator = -1, ""
		}
		return o
	}
	answer, err := c.send(ctx, q)
	if answer != nil {
		defer answer.Body.Close()
	}
	if err != nil {
		return err
	}
	if answer.Status/100 != 2 {
		return fmt.Errorf("%s answered %d %s, which brings no file", target.Host, answer.Status, statusText(answer.Status))
	}
	if coding := answer.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return fmt.Errorf("%s sends the file in a coding that was not asked for (%s)", target.Host, oneLine(coding))
	}
	if err := to.Begin(content); err != nil {
		return err
	}
	n, err := copyTo(to, answer.Body)
	if err == nil && content.Size >= 0 && content.From+n != content.Size {
		err = &cutError{fmt.Errorf("%d bytes of %d came", content.From+n, content.Size)}
	}
	return err
}

// copyTo copies in pieces that are worth a call of the system, and tells faults of the connection from those of the sink.
func copyTo(to io.Writer, body io.Reader) (copied int64, err error) {
	piece := make([]byte, 256<<10)
	for {
		n, err := body.Read(piece)
		if n > 0 {
			if _, err := to.Write(piece[:n]); err != nil {
				return copied, err
			}
			copied += int64(n)
		}
		switch {
		case errors.Is(err, io.EOF):
			return copied, nil
		case err != nil:
			return copied, &cutError{err}
		}
	}
}

// downloadURL is where a file is. Nothing but a plain read is sent there.
func (c *Client) downloadURL(from string) (*url.URL, error) {
	u, err := c.Origin.Parse(from)
	if err != nil || from == "" || u.Host == "" || u.User != nil {
		return nil, fmt.Errorf("its downloadURL %q is none", oneLine(from))
	}
	if !c.reaches(u) {
		return nil, fmt.Errorf("its downloadURL leads to %s, which is not HTTPS", bare(u))
	}
	fields, err := splitQuery(u.RawQuery)
	if err != nil || changes(http.MethodGet, fields) {
		return nil, fmt.Errorf("its downloadURL %s would change something", bare(u))
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}
