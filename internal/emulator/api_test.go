package emulator_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
)

func TestOnlySessionsAuthenticate(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	session := tenant.NewSession("")
	for name, test := range map[string]struct {
		query, header, value string
		status               int
	}{
		"header":          {"", "sessionID", session, 200},
		"header any case": {"", "SESSIONid", session, 200},
		"query":           {"?sessionID=" + session, "", "", 200},
		"nothing":         {"", "", "", 401},
		"wrong":           {"", "sessionID", "canary", 401},
		"bearer":          {"", "Authorization", "Bearer " + session, 401},
		"api key":         {"?apiKey=" + session, "", "", 401},
	} {
		r := httptest.NewRequest("GET", "/attask/api/v22.0/proj/search"+test.query, nil)
		if test.header != "" {
			r.Header.Set(test.header, test.value)
		}
		got := do(tenant, r)
		if got.status != test.status {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
		if want := `{"error":{"class":"com.attask.common.AuthenticationException","message":"You are not currently logged in."}}`; test.status == 401 && got.body != want {
			t.Errorf("%s: %s", name, got.body)
		}
	}
	if got := tenant.Counts(); got.API != 7 || got.LoggedOut != 4 {
		t.Errorf("counts %+v", got)
	}
}

func TestSession(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	user := tenant.Users()[1]
	session := tenant.NewSession(user.Username)
	r := httptest.NewRequest("GET", "/attask/api/v22.0/session", nil)
	r.Header.Set("sessionID", session)
	got := data[object](t, do(tenant, r))
	if got["userID"] != user.ID || got["sessionID"] != session || got["isAdmin"] != false || got["customerID"] != m2m(tenant).CustomerID {
		t.Errorf("%v", got)
	}
	// The members of the recorded answers.
	for _, name := range []string{"versionInformation", "locale", "timeZone", "timeZoneName", "iso3Country", "iso3Language",
		"currency", "userCompanyID", "tenantID", "hasInsightsAccess"} {
		if _, ok := got[name]; !ok {
			t.Errorf("no %s", name)
		}
	}
	versions := got["versionInformation"].(object)
	if versions["currentAPI"] != "v22.0" || versions["apiVersions"].(object)["v15.0"] != "/attask/api/v15.0/" {
		t.Errorf("versionInformation %v", versions)
	}
	for _, name := range []string{"useNegativeSign", "fractionDigits", "symbol", "ID", "groupingSeparator", "decimalSeparator"} {
		if _, ok := got["currency"].(object)[name]; !ok {
			t.Errorf("no currency.%s", name)
		}
	}
	info := data[object](t, api(tenant, "GET", "info", ""))
	if !slices.Contains(info["versions"].([]any), "v22.0") || info["sso"] == nil {
		t.Errorf("info %v", info)
	}
}

func TestLogout(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	for _, method := range []string{"GET", "POST"} {
		session, other := tenant.NewSession(""), tenant.NewSession("")
		r := httptest.NewRequest(method, "/attask/api/v22.0/logout", nil)
		r.Header.Set("sessionID", session)
		if got := do(tenant, r); got.status != 200 || got.body != `{"data":{"success":true}}` {
			t.Errorf("%d %s", got.status, got.body)
		}
		if alive(tenant, session) || !alive(tenant, other) {
			t.Error("exactly this session must end")
		}
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	session := tenant.NewSession("")
	for path, want := range map[string]int{
		"/attask/api/v22.0/proj/search":        200,
		"/attask/api/v15.0/proj/search":        200,
		"/attask/api/v14.0/proj/search":        410,
		"/attask/api/v2.0/proj/search":         410,
		"/attask/api/v23.0/proj/search":        404,
		"/attask/api/v22/proj/search":          404,
		"/attask/api/proj/search":              200,
		"/attask/api-internal/proj/search":     200,
		"/attask/api-unsupported/PROJ/search":  200,
		"/attask/api/v22.0/":                   400,
		"/attask/api/v22.0/proj/search/x/y":    400,
		"/attask/api/v22.0/proj/search?%zz":    422,
		"/attask/api/v22.0/proj/search?method": 200,
	} {
		r := httptest.NewRequest("GET", "/x", nil)
		r.URL.Path, r.URL.RawQuery, _ = strings.Cut(path, "?")
		r.Header.Set("sessionID", session)
		got := do(tenant, r)
		if got.status != want || want != 200 && !strings.Contains(got.body, `"error":`) {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	// Money is text since v20.0.
	budget := func(version string) any {
		r := httptest.NewRequest("GET", "/attask/api/"+version+"/proj/search?fields=budget", nil)
		r.Header.Set("sessionID", session)
		return data[[]object](t, do(tenant, r))[0]["budget"]
	}
	if _, ok := budget("v19.0").(float64); !ok {
		t.Errorf("v19.0: %v", budget("v19.0"))
	}
	if _, ok := budget("v20.0").(string); !ok {
		t.Errorf("v20.0: %v", budget("v20.0"))
	}
}

// The refusals whose words are recorded.
func TestRefusals(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 3})
	missing := strings.Repeat("0", 32)
	task := rows(t, tenant, "task/search?$$LIMIT=1")[0]["ID"].(string)
	for _, test := range []struct {
		method, path, form string
		status             int
		body               string // a part of it
	}{
		{"GET", "proj/search?nosuch=1", "", 422, `{"error":{"class":"java.lang.IllegalArgumentException","message":"APIModel V22_0 does not support field nosuch (Project)"}}`},
		{"GET", "issue/search?fields=projectid", "", 422, `APIModel V22_0 does not support field projectid (OpTask)`},
		{"GET", "proj/search?fields=owner:nosuch", "", 422, `does not support field nosuch (User)`},
		{"GET", "proj/search?owner:nosuch=1", "", 422, `does not support field nosuch (User)`},
		{"GET", "proj/search?nosuch_Sort=asc", "", 422, `does not support field nosuch (Project)`},
		{"GET", "proj/search?fields=DE:*", "", 422, `no such field: '*'`},
		{"GET", "nosuch/search", "", 404, `"Unknown object type: NOSUCH"`},
		{"GET", "nonwkd/search", "", 422, `"NONWKD is not a top level object and can't be requested directly in v22_0"`},
		{"GET", "user/search?username=user1@example.com", "", 401, `{"error":{"class":"com.attask.common.AuthenticationException","message":"That username/password combination wasn't quite right.`},
		{"GET", "report/search", "", 404, `Unknown object type: REPORT`},
		{"POST", "work", "name=x", 400, `unable to find method for service endpoint type: ADD`},
		{"GET", "nosuch/metadata", "", 404, `"Unknown object type: NOSUCH"`},
		{"GET", "proj/search?$$LIMIT=2001", "", 422, `"The requested limit 2001 is greater than the maximum allowed limit of 2000"`},
		{"GET", "proj/search?$$LIMIT=-1", "", 422, `Invalid Parameter: $$LIMIT value \"-1\"`},
		{"GET", "proj/search?$$FIRST=-1", "", 422, `Invalid Parameter: $$FIRST value \"-1\"`},
		{"GET", "proj/search?$$FIRST=x", "", 422, `Invalid Parameter: $$FIRST`},
		{"GET", "proj/search?ownerID=null", "", 422, `Invalid Parameter: ownerID value \"null\"`},
		{"GET", "proj/search?name=x&name_Mod=nosuch", "", 422, `Invalid Parameter: name_Mod value \"nosuch\"`},
		{"GET", "proj/search?priority=x", "", 422, `Invalid Parameter: priority value \"x\"`},
		{"GET", "proj/search?priority=1&priority_Mod=contains", "", 422, `Invalid Parameter: priority_Mod`},
		{"GET", "proj/search?plannedStartDate=soon", "", 422, `Invalid Parameter: plannedStartDate value \"soon\"`},
		{"GET", "proj/search?priority=1&priority_Mod=between", "", 422, `needs one value and one priority_Range`},
		{"GET", "proj/search?name_Mod=eq", "", 422, `name has no value`},
		{"GET", "proj/search?name_Sort=up", "", 422, `Invalid Parameter: name_Sort value \"up\"`},
		{"GET", "proj/search?filters=x", "", 422, `Invalid Parameter: filters`},
		{"GET", "proj/search?fields=[x", "", 422, `Invalid Parameter: fields`},
		{"GET", "task/search?fields=parent:parent:parent:parent:parent:name", "", 422, `deeper than 4 objects`},
		{"GET", "task/search?parent:parent:parent:parent:parent:name=x", "", 422, `deeper than 4 objects`},
		{"GET", "proj/" + missing, "", 404, `"Project with primary key value(s) \"` + missing + `\" not found"`},
		{"GET", "proj?id=" + missing, "", 404, `not found`},
		{"GET", "proj", "", 400, `you must specify an ID`},
		{"GET", "proj/nosuch", "", 400, `APIModel V22_0 does not support namedQuery nosuch (PROJ)`},
		{"PUT", "task/" + task + "/nosuch", "", 400, `APIModel V22_0 does not support action nosuch (Task)`},
		{"PUT", "hour/" + missing + "/markDone", "", 400, `does not support action markDone (Hour)`},
		{"POST", "task/" + task + "/markDone", "", 400, `{"error":"unrecognized URI format: too many parts"}`},
		{"GET", "task/" + task + "/a/b", "", 400, `too many parts`},
		{"POST", "task/" + task, "name=x", 400, `too many parts`},
		{"PATCH", "task/" + task, "", 400, `the method PATCH is not supported`},
		{"DELETE", "task/search", "", 400, `search is not an operation for DELETE`},
		{"GET", "task/report", "", 400, `you must specify a field to group by`},
		{"GET", "task/report?status_GroupBy=true&name_AggFunc=sum", "", 422, `Invalid Parameter: name_AggFunc value \"sum\"`},
	} {
		got := api(tenant, test.method, test.path, test.form)
		if got.status != test.status || !strings.Contains(got.body, test.body) || !json.Valid([]byte(got.body)) {
			t.Errorf("%s %s: %d %s", test.method, test.path, got.status, got.body)
		}
		if got.header.Get("Content-Type") != "application/json;charset=UTF-8" {
			t.Errorf("%s %s: Content-Type %q", test.method, test.path, got.header.Get("Content-Type"))
		}
	}
}

func TestMethodOverride(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 4})
	id := rows(t, tenant, "hour/search?project:status=CPL&project:status_Mod=ne&$$LIMIT=1")[0]["ID"].(string)
	// A GET with method=delete deletes.
	if got := api(tenant, "GET", "hour/"+id+"?method=delete", ""); got.body != `{"data":{"success":true}}` {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := api(tenant, "GET", "hour/"+id, ""); got.status != http.StatusNotFound {
		t.Errorf("still there: %d", got.status)
	}
	// A POST of a form reads, with method=GET or without.
	for _, form := range []string{"$$LIMIT=3&fields=name", "$$LIMIT=3&fields=name&method=GET"} {
		if got := data[[]object](t, api(tenant, "POST", "task/search", form)); len(got) != 3 {
			t.Errorf("%s: %d rows", form, len(got))
		}
	}
}
