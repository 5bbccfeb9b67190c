package emulator

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const subscriptionsPath = "/attask/eventsubscription/api/v1/subscriptions"

// serveSubscriptions answers the API of event subscriptions, which has no version and is for administrators.
func (t *Tenant) serveSubscriptions(w http.ResponseWriter, r *http.Request) {
	t.count(func(c *Counts) { c.API++ })
	_, user, err := t.whoAsks(r.Header, "")
	switch {
	case err != nil:
		writeError(w, err)
	case user != t.people[0].ID:
		writeError(w, &apiError{status: http.StatusForbidden, message: "You do not have sufficient access to event subscriptions"})
	default:
		rest := strings.Trim(strings.TrimPrefix(r.URL.Path, subscriptionsPath), "/")
		if err := t.answerSubscriptions(w, r, rest); err != nil {
			writeError(w, err)
		}
	}
}

func (t *Tenant) answerSubscriptions(w http.ResponseWriter, r *http.Request, rest string) error {
	id, further, _ := strings.Cut(rest, "/")
	switch {
	case rest == "" && r.Method == http.MethodPost:
		return t.subscribe(w, r)
	case rest == "" && r.Method == http.MethodGet:
		return t.listSubscriptions(w, r)
	case r.Method == http.MethodPut && rest == "version":
		return t.setVersions(w, r)
	case r.Method == http.MethodPut && further == "version":
		return t.setVersion(w, r, id)
	case further == "" && r.Method == http.MethodGet:
		for _, s := range t.events.list() {
			if s.ID == id {
				return writeAny(w, http.StatusOK, s)
			}
		}
		return noSubscription(id)
	case further == "" && id != "" && r.Method == http.MethodDelete:
		if !t.events.remove(id) {
			return noSubscription(id)
		}
		w.WriteHeader(http.StatusOK)
		return nil
	}
	return &apiError{status: http.StatusMethodNotAllowed, message: "the method " + r.Method + " is not supported"}
}

func noSubscription(id string) error {
	return &apiError{status: http.StatusNotFound, message: "no event subscription has the ID " + strconv.Quote(id)}
}

func writeAny(w http.ResponseWriter, status int, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	writeJSON(w, status, text)
	return nil
}

// eventObjects are the types that can be subscribed to; those in lower case are so.
const eventObjects = "approval approval_stage approval_stage_participant ASSGN CMPY PTLTAB DOCU DOCV EXPNS FIELD HOUR OPTASK NOTE " +
	"PORT PRGM PROJ PRFAPL RECORD RECORD_TYPE PTLSEC STAFFP SPVAL STAFFR SPAVAL SAVSET SRPVAL TASK TMPL TSHET USER WORKSPACE"

// subscribe makes a subscription. Its filters are not looked at: wrong ones are taken, and never met.
func (t *Tenant) subscribe(w http.ResponseWriter, r *http.Request) error {
	var wanted subscription
	if err := readJSON(w, r, &wanted); err != nil {
		return err
	}
	address, err := url.Parse(wanted.URL)
	switch {
	case err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https":
		return badSubscription("url value " + strconv.Quote(wanted.URL))
	case !slices.Contains(strings.Fields(eventObjects), wanted.ObjCode):
		return badSubscription("objCode value " + strconv.Quote(wanted.ObjCode))
	case !slices.Contains([]string{"CREATE", "UPDATE", "DELETE"}, wanted.EventType):
		return badSubscription("eventType value " + strconv.Quote(wanted.EventType))
	case len(wanted.Filters) > 10:
		return badSubscription("more than 10 filters")
	}
	s := t.events.add(subscription{
		ObjCode: wanted.ObjCode, EventType: wanted.EventType, URL: wanted.URL, AuthToken: wanted.AuthToken, ObjID: wanted.ObjID,
		Filters: wanted.Filters, FilterConnector: wanted.FilterConnector,
	}, t.customerID())
	w.Header().Set("Location", t.originFor(r)+subscriptionsPath+"/"+s.ID)
	if t.opts.BareCreated {
		w.Header().Set("Content-Length", "0")
		w.WriteHeader(http.StatusCreated)
		return nil
	}
	return writeAny(w, http.StatusCreated, map[string]string{"id": s.ID, "version": s.Version})
}

func badSubscription(what string) error {
	return &apiError{status: http.StatusBadRequest, message: "Invalid Parameter: " + what}
}

// listSubscriptions answers with one page of them.
func (t *Tenant) listSubscriptions(w http.ResponseWriter, r *http.Request) error {
	page, limit := 1, 100
	for name, into := range map[string]*int{"page": &page, "limit": &limit} {
		text := r.URL.Query().Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || name == "limit" && n > 1000 {
			return badSubscription(name + " value " + strconv.Quote(text))
		}
		*into = n
	}
	all := t.events.list()
	first := len(all)
	if page-1 <= len(all)/limit {
		first = min((page-1)*limit, len(all))
	}
	return writeAny(w, http.StatusOK, map[string]any{
		"subscriptions": all[first:min(first+limit, len(all))],
		"meta":          map[string]int{"page": page, "limit": limit, "page_count": (len(all) + limit - 1) / limit, "total_count": len(all)},
	})
}

func (t *Tenant) setVersion(w http.ResponseWriter, r *http.Request, id string) error {
	var wanted struct{ Version string }
	if err := readJSON(w, r, &wanted); err != nil {
		return err
	}
	if wanted.Version != "v1" && wanted.Version != "v2" {
		return badSubscription("version value " + strconv.Quote(wanted.Version))
	}
	if !t.events.change(id, t.events.version(wanted.Version)) {
		return noSubscription(id)
	}
	return writeAny(w, http.StatusOK, map[string]string{"id": id, "version": wanted.Version})
}

func (t *Tenant) setVersions(w http.ResponseWriter, r *http.Request) error {
	var wanted struct {
		Version                  string
		SubscriptionIDs          []string
		AllCustomerSubscriptions bool
	}
	if err := readJSON(w, r, &wanted); err != nil {
		return err
	}
	if wanted.Version == "" {
		wanted.Version = "v2"
	}
	ids := wanted.SubscriptionIDs
	if wanted.AllCustomerSubscriptions {
		ids = nil
		for _, s := range t.events.list() {
			ids = append(ids, s.ID)
		}
	}
	for _, id := range ids {
		if !t.events.change(id, t.events.version(wanted.Version)) {
			return noSubscription(id)
		}
	}
	return writeAny(w, http.StatusOK, map[string]any{"subscription_ids": ids, "version": wanted.Version})
}

func (e *events) version(version string) func(*subscription) {
	return func(s *subscription) {
		at := e.stamp()
		s.Version, s.VersionUpdated, s.DateModified = version, &at, at
	}
}

func readJSON(w http.ResponseWriter, r *http.Request, into any) error {
	body, err := readBody(w, r, maxBody)
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return &apiError{status: http.StatusRequestEntityTooLarge, message: "the request is too large"}
	}
	if err != nil || json.Unmarshal(body, into) != nil {
		return badSubscription("the body is not a JSON object")
	}
	return nil
}
