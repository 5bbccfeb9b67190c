package emulator

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	currentVersion = 22
	oldestVersion  = 15 // those before it are gone
)

// call is one request to the REST API.
type call struct {
	tenant    *Tenant
	request   *http.Request
	version   int
	prefix    string // the path up to the version, as the caller wrote it
	model     string // what errors call the version
	method    string // after the override
	path      []string
	params    params
	sessionID string
	userID    string
	now       time.Time
}

// serveAPI answers everything below /attask/.
func (t *Tenant) serveAPI(w http.ResponseWriter, r *http.Request) {
	t.count(func(c *Counts) { c.API++ })
	body, err := t.answerAPI(w, r)
	if err != nil {
		writeError(w, err)
		return
	}
	writeJSON(w, http.StatusOK, append(body, '}'))
}

// answerAPI returns the answer but for its closing brace.
func (t *Tenant) answerAPI(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	c := &call{tenant: t, request: r, now: t.opts.Now()}
	if err := c.readPath(); err != nil {
		return nil, err
	}
	dst := append(make([]byte, 0, 1<<10), `{"data":`...)
	var err error
	if len(c.path) == 1 && c.path[0] == "upload" {
		return c.upload(dst) // its body is no parameters
	}
	if c.params, err = readParams(w, r); err != nil {
		return nil, err
	}
	if err := c.readMethod(); err != nil {
		return nil, err
	}
	if n := len(c.path); n > 0 && c.path[n-1] == "metadata" && c.method == http.MethodGet {
		return c.metadata(dst)
	}
	if err := c.authenticate(); err != nil {
		return nil, err
	}
	return c.dispatch(dst)
}

// readPath splits /attask/api/v22.0/proj/search. Without a version it is the latest.
func (c *call) readPath() error {
	parts := strings.FieldsFunc(c.request.URL.Path, func(r rune) bool { return r == '/' })
	parts = parts[1:] // attask
	if len(parts) == 0 || !slices.Contains([]string{"api", "api-internal", "api-unsupported", "api-asp"}, parts[0]) {
		return &apiError{status: http.StatusNotFound, message: "unrecognized URI format: " + c.request.URL.Path}
	}
	c.prefix = "/attask/" + parts[0]
	c.version, c.model = currentVersion, "V"+strconv.Itoa(currentVersion)+"_0"
	if kind, ok := strings.CutPrefix(parts[0], "api-"); ok {
		c.model = strings.ToUpper(kind)
	}
	c.path = parts[1:]
	if len(c.path) == 0 {
		return nil
	}
	digits, isVersion := strings.CutPrefix(c.path[0], "v")
	digits, isVersion2 := strings.CutSuffix(digits, ".0")
	version, err := strconv.Atoi(digits)
	if !isVersion || !isVersion2 || err != nil {
		return nil
	}
	switch {
	case version < oldestVersion:
		return &apiError{status: http.StatusGone, class: classUnsupported, message: "API version " + c.path[0] + " is no longer available"}
	case version > currentVersion:
		return &apiError{status: http.StatusNotFound, class: classUnsupported, message: "API version " + c.path[0] + " does not exist"}
	}
	c.prefix += "/" + c.path[0]
	c.version, c.path = version, c.path[1:]
	c.model = "V" + digits + "_0"
	return nil
}

// readMethod obeys method=, which overrides the verb of any request.
func (c *call) readMethod() error {
	c.method = c.request.Method
	if override := c.params.get("method"); override != "" {
		c.method = strings.ToUpper(override)
	}
	switch c.method {
	case http.MethodHead:
		c.method = http.MethodGet
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete:
	default:
		return unsupported("the method %s is not supported", c.method)
	}
	return nil
}

// authenticate takes the session from its header or the query, and from nowhere else: a bearer
// token is not one.
func (c *call) authenticate() error {
	c.sessionID = c.request.Header.Get("sessionID")
	if c.sessionID == "" {
		c.sessionID = c.params.get("sessionID")
	}
	var ok bool
	if c.userID, ok = c.tenant.sessionUser(c.sessionID); ok {
		return nil
	}
	c.tenant.count(func(n *Counts) { n.LoggedOut++ })
	return loggedOut()
}

func loggedOut() *apiError {
	return &apiError{status: http.StatusUnauthorized, class: classAuthentication, message: "You are not currently logged in."}
}

// dispatch answers a request of someone who is logged in.
func (c *call) dispatch(dst []byte) ([]byte, error) {
	if len(c.path) == 0 {
		return nil, unsupported("you must specify an object")
	}
	if len(c.path) == 1 {
		switch c.path[0] {
		case "session":
			return c.session(dst)
		case "logout":
			return c.logout(dst)
		case "info":
			return c.info(dst)
		}
	}
	t := c.tenant.data.table(c.path[0])
	if t == nil {
		return nil, unknownObject(c.path[0])
	}
	// An action has its name after the ID, and must be a PUT.
	if len(c.path) > 3 || len(c.path) == 3 && c.method != http.MethodPut {
		return nil, c.tooManyParts()
	}
	if len(c.path) == 2 {
		switch c.path[1] {
		case "search", "count", "report":
			return c.read(dst, t, c.path[1])
		}
	}
	switch c.method {
	case http.MethodGet:
		return c.get(dst, t)
	case http.MethodPost:
		return c.create(dst, t)
	case http.MethodPut:
		return c.put(dst, t)
	}
	return c.remove(dst, t)
}

// read answers search, count and report. A POST of a form reads too: so long filters find room.
func (c *call) read(dst []byte, t *table, what string) ([]byte, error) {
	if c.method != http.MethodGet && c.method != http.MethodPost {
		return nil, unsupported("%s is not an operation for %s", what, c.method)
	}
	switch what {
	case "search":
		return c.search(dst, t)
	case "count":
		return c.countRows(dst, t)
	}
	return c.report(dst, t)
}

func (c *call) tooManyParts() error {
	return &apiError{status: http.StatusBadRequest, message: "unrecognized URI format: too many parts", plain: true}
}

func unknownObject(name string) error {
	return &apiError{status: http.StatusNotFound, message: "Unknown object type: " + strings.ToUpper(name)}
}

func (c *call) unknownField(class *class, name string) error {
	return invalid("APIModel %s does not support field %s (%s)", c.model, name, class.name)
}
