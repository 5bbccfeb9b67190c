package emulator

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wfauth/wfauth/internal/emulator/objectstore"
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
	params    objectstore.Params
	sessionID string
	userID    string
	now       time.Time
	failed    error // of a batch's, why it cannot even be asked
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
	if len(c.path) == 1 && c.path[0] == "upload" { // whose body is no parameters
		return c.upload([]byte(`{"data":`))
	}
	var err error
	if c.params, err = readParams(w, r); err != nil {
		return nil, err
	}
	if err := c.readMethod(); err != nil {
		return nil, err
	}
	dst := append(make([]byte, 0, 1<<10), `{"data":`...)
	if len(c.path) == 1 && c.path[0] == "login" {
		return nil, noPassword()
	}
	if !c.isMetadata() { // for which nobody needs to be logged in
		if err := c.authenticate(); err != nil {
			return nil, err
		}
	}
	return c.dispatch(dst)
}

// readPath splits /attask/api/v22.0/proj/search. Without a version it is the latest.
func (c *call) readPath() error {
	parts := splitPath(c.request.URL.Path)[1:] // attask
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
		return &apiError{status: http.StatusGone, class: objectstore.ClassUnsupported, message: "API version " + c.path[0] + " is no longer available"}
	case version > currentVersion:
		return &apiError{status: http.StatusNotFound, class: objectstore.ClassUnsupported, message: "API version " + c.path[0] + " does not exist"}
	}
	c.prefix += "/" + c.path[0]
	c.version, c.path = version, c.path[1:]
	c.model = "V" + digits + "_0"
	return nil
}

func splitPath(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

// readMethod obeys method=, which overrides the verb of any request.
func (c *call) readMethod() error {
	c.method = c.request.Method
	if override := c.params.Get("method"); override != "" {
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

// authenticate takes the session from its header or the query, or else Adobe's access token.
func (c *call) authenticate() (err error) {
	c.sessionID, c.userID, err = c.tenant.whoAsks(c.request.Header, c.params.Get("sessionID"))
	return err
}

// noPassword refuses what tenants on Adobe's login refuse to everybody, in the words that were recorded.
func noPassword() *apiError {
	return &apiError{
		status: http.StatusUnauthorized, class: objectstore.ClassAuthentication,
		message: "That username/password combination wasn't quite right.  Make sure your caps lock isn't on and try again.",
	}
}

func loggedOut() *apiError {
	return &apiError{status: http.StatusUnauthorized, class: objectstore.ClassAuthentication, message: "You are not currently logged in."}
}

// dispatch answers a request of someone who is logged in, or one for metadata.
func (c *call) dispatch(dst []byte) ([]byte, error) {
	if len(c.path) == 0 {
		return nil, unsupported("you must specify an object")
	}
	if c.isMetadata() {
		return c.metadata(dst)
	}
	if len(c.path) == 1 {
		switch c.path[0] {
		case "session":
			return c.session(dst)
		case "logout":
			return c.logout(dst)
		case "info":
			return c.info(dst)
		case "batch":
			return c.batch(dst)
		}
	}
	if err := c.tenant.store.Known(c.path[0], c.model); err != nil {
		return nil, err
	}
	r, err := c.storeRequest()
	if err != nil {
		return nil, err
	}
	return c.tenant.store.Answer(dst, r)
}

// storeRequest says in the store's terms what a method asks of a path: an object type, then an ID, an
// operation or the name of a query or an action, then the name of an action.
func (c *call) storeRequest() (objectstore.Request, error) {
	r := objectstore.Request{
		Object: c.path[0], Params: c.params, UserID: c.userID, Now: c.now, Version: c.version, Model: c.model, URL: c.metadataURL(),
	}
	// An action has its name after the ID, and must be a PUT.
	if len(c.path) > 3 || len(c.path) == 3 && c.method != http.MethodPut || len(c.path) > 1 && c.method == http.MethodPost && !isRead(c.path[1]) {
		return r, c.tooManyParts()
	}
	if len(c.path) > 1 {
		if objectstore.IsID(c.path[1]) {
			r.ID = c.path[1]
		} else {
			r.Name = c.path[1]
		}
	}
	if len(c.path) == 2 && isRead(r.Name) {
		if c.method != http.MethodGet && c.method != http.MethodPost {
			return r, unsupported("%s is not an operation for %s", r.Name, c.method)
		}
		r.Verb = readVerb(r.Name)
		return r, nil
	}
	switch c.method {
	case http.MethodGet:
		r.Verb = objectstore.Get
		if r.Name != "" {
			r.Verb = objectstore.Query
		}
	case http.MethodPost:
		r.Verb = objectstore.Create
	case http.MethodPut:
		switch {
		case len(c.path) == 3:
			r.Name = c.path[2]
		case r.Name == "":
			r.Name = c.params.Get("action")
		}
		r.Verb = objectstore.Edit
		if r.Name != "" {
			r.Verb = objectstore.Act
		}
	case http.MethodDelete:
		r.Verb = objectstore.Delete
	}
	return r, nil
}

// isRead tells the operations that read, also by POST of a form: so long filters find room.
func isRead(name string) bool { return name == "search" || name == "count" || name == "report" }

func readVerb(name string) objectstore.Verb {
	switch name {
	case "search":
		return objectstore.Search
	case "count":
		return objectstore.Count
	}
	return objectstore.Report
}

func (c *call) isMetadata() bool {
	return len(c.path) > 0 && c.path[len(c.path)-1] == "metadata" && c.method == http.MethodGet
}

// metadata answers /metadata and /proj/metadata.
func (c *call) metadata(dst []byte) ([]byte, error) {
	r := objectstore.Request{Verb: objectstore.Describe, Version: c.version, Model: c.model, URL: c.metadataURL()}
	switch len(c.path) {
	case 1:
	case 2:
		r.Object = c.path[0]
	default:
		return nil, c.tooManyParts()
	}
	return c.tenant.store.Answer(dst, r)
}

func (c *call) metadataURL() string { return c.tenant.originFor(c.request) + c.prefix + "/" }

func (c *call) tooManyParts() error {
	return &apiError{status: http.StatusBadRequest, message: "unrecognized URI format: too many parts", plain: true}
}
