package workfront

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxURI is what the network in front of Workfront takes, in bytes. The whole URI is counted, for it is not said which part is meant.
const maxURI = 8892

// call is a request made ready to be sent: checked, encoded, and knowing what may be done with it.
type call struct {
	method  string
	url     *url.URL
	header  http.Header
	body    *payload // nil: none
	changes bool     // it may change something at Workfront

	read func(l leg, resp *http.Response) outcome // what the answer comes to; nil: what [Client.read] says
	gate *gate                                    // nil: none to pass before each attempt
	rank int                                      // among those that wait at the gate

	file   bool // a file is asked for, wherever it lies
	halves bool // where it is too heavy, less is asked for
	hasty  bool // and that has been so before: what may be due to that is not repeated often
}

// api tells whether the answer is the API's, hence JSON, and not a file's.
func (q *call) api() bool {
	return !q.file && (q.url.Path == apiRoot || strings.HasPrefix(q.url.Path, apiRoot+"/"))
}

// plan checks r and makes it ready. Its errors are [*UsageError].
func (c *Client) plan(r Request) (*call, error) {
	q := &call{method: strings.ToUpper(r.Method)}
	upload := IsUpload(r)
	if r.Method == "" {
		q.method = http.MethodGet
		if r.Input != nil || upload {
			q.method = http.MethodPost
		}
	}
	if !isToken(q.method) {
		return nil, &UsageError{fmt.Sprintf("%q is not a method", r.Method)}
	}
	var query, form []Field
	var err error
	if q.url, query, err = c.resolve(r.Path); err != nil {
		return nil, err
	}
	if name := otherCredential(slices.Concat(query, r.Fields)); name != "" {
		return nil, &UsageError{oneLine(name) + ": " + leaveOut}
	}
	query, r.Fields = tidyFields(query), tidyFields(r.Fields)
	if q.header, err = c.header(r.Header); err != nil {
		return nil, err
	}

	switch {
	case !upload && r.Files != nil:
		return nil, &UsageError{"files are taken by PATH upload only"}
	case upload:
		form = r.Fields
		if err := q.setFiles(form, r.Files); err != nil {
			return nil, err
		}
	case r.Input != nil:
		query = append(query, r.Fields...)
		q.body = inputPayload(r.Input)
		setDefault(q.header, "Content-Type", "application/json")
	case q.method == http.MethodPost || q.method == http.MethodPut || q.method == http.MethodPatch:
		form = r.Fields
		q.setForm(form)
	default:
		query = append(query, r.Fields...)
	}
	q.changes = changes(q.method, slices.Concat(query, form)) && !r.Repeatable
	q.url.RawQuery = joinQuery(query)
	if q.api() {
		setDefault(q.header, "Accept", "application/json, */*;q=0.5")
	}
	return q, q.shorten(query)
}

// shorten sends a search that is too long for a URI as the form of a POST, which Workfront reads as the GET it names
// (api-basics, "method="). What changes something is not rewritten.
func (q *call) shorten(query []Field) error {
	length := len(q.url.String())
	if length <= maxURI {
		return nil
	}
	if q.method != http.MethodGet || q.changes || q.body != nil {
		return &UsageError{fmt.Sprintf("the URI of this %s is %d bytes long, and Workfront takes %d", q.method, length, maxURI)}
	}
	if !slices.ContainsFunc(query, func(f Field) bool { return f.Key == "method" }) {
		query = append([]Field{{"method", http.MethodGet}}, query...)
	}
	q.method = http.MethodPost
	q.url.RawQuery = ""
	q.setForm(query)
	if length := len(q.url.String()); length > maxURI {
		return &UsageError{fmt.Sprintf("PATH is %d bytes long, and Workfront takes %d", length, maxURI)}
	}
	return nil
}

func (q *call) setForm(fields []Field) {
	if len(fields) == 0 {
		return
	}
	q.body = textPayload(joinQuery(fields))
	q.header.Set("Content-Type", "application/x-www-form-urlencoded")
}

func (q *call) setFiles(fields []Field, files []File) error {
	if len(fields) == 0 && len(files) == 0 {
		return nil
	}
	var contentType string
	var err error
	if q.body, contentType, err = multipartPayload(fields, files); err == nil {
		q.header.Set("Content-Type", contentType)
	}
	return err
}

// changes tells whether a request may change something, where its parameters outrank its verb: "GET …?method=delete" deletes.
// A batch hides requests of any kind in its "uri" parameters. In doubt the answer is yes.
func changes(method string, fields []Field) bool {
	reads := method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
	for _, f := range fields {
		switch strings.ToLower(f.Key) {
		case "action", "uri":
			return true
		case "method":
			if !strings.EqualFold(f.Value, http.MethodGet) {
				return true
			}
			reads = reads || method == http.MethodPost && f.Key == "method"
		}
	}
	return !reads
}

// header checks the user's header and adds the client's own.
func (c *Client) header(user http.Header) (http.Header, error) {
	h := make(http.Header, len(user)+4)
	for key, values := range user {
		if !isToken(key) {
			return nil, &UsageError{fmt.Sprintf("%q is not the name of a header", key)}
		}
		if Credential(key) {
			return nil, &UsageError{"header " + key + ": " + leaveOut}
		}
		switch strings.ToLower(key) {
		case "host", "content-length", "transfer-encoding", "connection", "trailer", "upgrade":
			return nil, &UsageError{"header " + key + ": the framing of the message is wfauth's to choose"}
		case "idempotency-key", "x-idempotency-key":
			// net/http takes them as leave to send a POST twice; Workfront does not know them.
			return nil, &UsageError{"header " + key + ": Workfront does not honour it, so it would not keep a request from being done twice"}
		}
		for _, v := range values {
			if strings.ContainsFunc(v, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
				return nil, &UsageError{"header " + key + ": its value has a line break or another control character"}
			}
			h.Add(key, v)
		}
	}
	setDefault(h, "User-Agent", cmp.Or(c.UserAgent, "wfauth"))
	// Asked for here and not by net/http, so that the length of what arrives can be checked before it is decoded.
	setDefault(h, "Accept-Encoding", "gzip")
	return h, nil
}

func setDefault(h http.Header, key, value string) {
	if h.Get(key) == "" {
		h.Set(key, value)
	}
}

// isToken tells whether s is a token of RFC 9110, 5.6.2, as methods and names of headers are.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}
