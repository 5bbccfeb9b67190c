package emulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/wfauth/wfauth/internal/emulator"
)

// sendJSON sends a JSON body.
func sendJSON(tenant *emulator.Tenant, method, path, body string) answer {
	r := httptest.NewRequest(method, "/attask/api/v22.0/"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("sessionID", tenant.NewSession(""))
	return do(tenant, r)
}

func TestCreate(t *testing.T) {
	t.Parallel()
	now := newClock()
	tenant := emulator.New(emulator.Options{Projects: 2, Now: now.Now})
	project := data[object](t, api(tenant, "POST", "proj", "name=Canary"))["ID"].(string)
	// The members of the recorded answer, in their order.
	got := api(tenant, "POST", "task", "name=test&projectID="+project)
	want := fmt.Sprintf(`^{"data":{"ID":"%08x[0-9a-f]{24}","name":"test","objCode":"TASK","percentComplete":0,`+
		`"plannedCompletionDate":"2026-06-15T05:00:00:000-0700","plannedStartDate":"2026-06-15T05:00:00:000-0700","priority":0,"progressStatus":"OT",`+
		`"projectedCompletionDate":"2026-06-15T05:00:00:000-0700","projectedStartDate":"2026-06-15T05:00:00:000-0700","status":"NEW","taskNumber":1,"wbs":"1"}}$`, now.Now().Unix())
	if !regexp.MustCompile(want).MatchString(got.body) {
		t.Errorf("got %s", got.body)
	}
	id := data[object](t, got)["ID"].(string)
	if found := rows(t, tenant, "task/search?projectID="+project); len(found) != 1 || found[0]["ID"] != id {
		t.Errorf("not found again: %v", found)
	}
	next := data[object](t, sendJSON(tenant, "POST", "task", `{"name":"Größe \"x\"","projectID":"`+project+`","percentComplete":12.5}`))
	if next["name"] != `Größe "x"` || next["taskNumber"] != 2.0 || next["percentComplete"] != 12.5 {
		t.Errorf("%v", next)
	}
	several := data[[]object](t, api(tenant, "POST", "task", query("updates", `[{"name":"a"},{"name":"b","status":"INP"}]`)))
	if len(several) != 2 || several[0]["name"] != "a" || several[1]["status"] != "INP" {
		t.Errorf("%v", several)
	}
	if got := data[[]object](t, sendJSON(tenant, "POST", "task", `[{"name":"a"}]`)); len(got) != 1 {
		t.Errorf("%v", got)
	}
	copied := data[object](t, api(tenant, "POST", "task", "copySourceID="+next["ID"].(string)+"&name=copy&fields=*"))
	if copied["ID"] == next["ID"] || copied["name"] != "copy" || copied["percentComplete"] != 12.5 || copied["projectID"] != project {
		t.Errorf("%v", copied)
	}
}

func TestEdit(t *testing.T) {
	t.Parallel()
	now := newClock()
	tenant := emulator.New(emulator.Options{Projects: 2, Now: now.Now})
	create := func(name string) string {
		return data[object](t, api(tenant, "POST", "proj", query("name", name)))["ID"].(string)
	}
	a, b := create("a"), create("b")
	owner := tenant.Users()[1]
	now.advance(time.Hour)
	got := data[object](t, api(tenant, "PUT", "proj/"+a, query("name", "a2", "description", "", "ownerID", owner.ID, "fields", "*,owner:name")))
	if got["name"] != "a2" || got["description"] != nil || got["owner"].(object)["name"] != owner.Name || got["lastUpdateDate"] != "2026-06-15T06:00:00:000-0700" {
		t.Errorf("%v", got)
	}
	if got := data[object](t, sendJSON(tenant, "PUT", "proj/"+a, `{"ownerID":null,"DE:Region":"EMEA"}`)); got["ID"] != a {
		t.Errorf("%v", got)
	}
	if got := data[object](t, api(tenant, "GET", "proj/"+a+"?fields=ownerID,DE:Region", "")); got["ownerID"] != nil || got["DE:Region"] != "EMEA" {
		t.Errorf("%v", got)
	}
	bulk := data[[]object](t, api(tenant, "PUT", "proj", query("updates", `[{"ID":"`+b+`","name":"b2"},{"ID":"`+a+`","name":"a3"}]`)))
	if len(bulk) != 2 || bulk[0]["name"] != "b2" || bulk[1]["name"] != "a3" {
		t.Errorf("%v", bulk)
	}
	same := data[[]object](t, api(tenant, "PUT", "proj?id="+a+","+b, query("updates", `{"status":"ONH"}`)))
	if len(same) != 2 || same[0]["status"] != "ONH" || same[1]["status"] != "ONH" {
		t.Errorf("%v", same)
	}
	if got := data[[]object](t, sendJSON(tenant, "PUT", "proj", `{"ID":"`+a+`","status":"CPL:A"}`)); got[0]["status"] != "CPL:A" {
		t.Errorf("%v", got)
	}
	if got := data[[]object](t, sendJSON(tenant, "PUT", "proj", `{"updates":[{"ID":"`+a+`","status":"CUR"}]}`)); got[0]["status"] != "CUR" {
		t.Errorf("%v", got)
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 6})
	project := rows(t, tenant, "proj/search?ID_Sort=asc&$$LIMIT=1")[0]["ID"].(string)
	others := count(t, tenant, "task/count?projectID_Mod=ne&projectID="+project)
	if got := api(tenant, "DELETE", "proj/"+project, ""); got.status != 200 || got.body != `{"data":{"success":true}}` {
		t.Fatalf("%d %s", got.status, got.body)
	}
	// Its tasks went with it; no hour of theirs refers to nothing.
	if got := count(t, tenant, "task/count"); got != others {
		t.Errorf("%d tasks are left, want %d", got, others)
	}
	rows(t, tenant, "hour/search?fields=*,task:project:name,project:name&$$LIMIT=2000")
	if got := count(t, tenant, "proj/count"); got != 5 {
		t.Errorf("%d projects are left", got)
	}
	// Hours outlive their task.
	const logged = "hour/search?project:status_Mod=ne&project:status=CPL&taskID_Mod=notnull&fields=taskID&ID_Sort=asc&$$LIMIT=1"
	hour := rows(t, tenant, logged)[0]
	api(tenant, "DELETE", "task/"+hour["taskID"].(string), "")
	if got := data[object](t, api(tenant, "GET", "hour/"+hour["ID"].(string)+"?fields=taskID,task:name", "")); got["taskID"] != nil || got["task"] != nil {
		t.Errorf("an hour of a deleted task: %v", got)
	}
	var ids []string
	for _, row := range rows(t, tenant, "optask/search?project:status_Mod=ne&project:status=CPL&$$LIMIT=2") {
		ids = append(ids, row["ID"].(string))
	}
	before := count(t, tenant, "optask/count")
	api(tenant, "DELETE", "optask?ID="+strings.Join(ids, ","), "")
	if got := count(t, tenant, "optask/count"); got != before-len(ids) || len(ids) == 0 {
		t.Errorf("%d of %d issues are left after deleting %d", got, before, len(ids))
	}
}

func TestActions(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	task := data[object](t, api(tenant, "POST", "task", "name=x"))["ID"].(string)
	issue := data[object](t, api(tenant, "POST", "issue", "name=x"))["ID"].(string)
	for _, path := range []string{"task/" + task + "/markDone", "task/markDone?ID=" + task, "task/" + task + "?action=markDone"} {
		if got := api(tenant, "PUT", path, ""); got.body != `{"data":{"result":null}}` {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
		if got := data[object](t, api(tenant, "GET", "task/"+task, "")); got["status"] != "CPL" || got["percentComplete"] != 100.0 {
			t.Errorf("%s: %v", path, got)
		}
		api(tenant, "PUT", "task/"+task+"/markNotDone", "")
		if got := data[object](t, api(tenant, "GET", "task/"+task, "")); got["status"] != "INP" || got["percentComplete"] != 0.0 {
			t.Errorf("%s: %v", path, got)
		}
	}
	api(tenant, "PUT", "issue/"+issue+"/markDone", "")
	if got := data[object](t, api(tenant, "GET", "issue/"+issue+"?fields=isComplete,status", "")); got["isComplete"] != true || got["status"] != "CPL" {
		t.Errorf("%v", got)
	}
}

func TestRefusedEdits(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1})
	project := data[object](t, api(tenant, "POST", "proj", "name=Canary"))["ID"].(string)
	task := data[object](t, api(tenant, "POST", "task", "name=x&projectID="+project))["ID"].(string)
	missing := strings.Repeat("0", 32)
	many := "[" + strings.Repeat(`{"name":"x"},`, 100) + `{"name":"x"}]`
	for _, test := range []struct {
		method, path, form string
		status             int
		body               string
	}{
		{"POST", "proj", "", 422, `Invalid Parameter: name value \"\"`},
		{"POST", "proj", "name=x&nosuch=1", 422, `does not support field nosuch (Project)`},
		{"POST", "proj", query("updates", `{"name":"x"}`, "status", "CUR"), 422, `"Cannot mix 'updates' JSON parameter with non-JSON update parameter 'status'"`},
		{"POST", "proj", query("updates", `x`), 422, `Invalid Parameter: updates`},
		{"POST", "proj", query("updates", `[]`), 422, `Invalid Parameter: updates`},
		{"POST", "proj", query("updates", many), 422, `greater than the maximum allowed of 100`},
		{"POST", "proj", query("updates", `[{"name":"not made"},{"name":"x","priority":"y"}]`), 422, `Invalid Parameter: priority value \"y\"`},
		{"POST", "proj", "copySourceID=" + missing, 404, `not found`},
		{"PUT", "proj/" + project, "status=APV", 422, `"Invalid custom enum value(s) for field 'Status': ['APV']"`},
		{"PUT", "proj/" + project, "ownerID=" + missing, 422, `Invalid Parameter: ownerID`},
		{"PUT", "proj/" + project, "ID=" + project + "&entryDate=2026-01-01", 422, `read-only`},
		{"PUT", "proj/" + project, query("updates", `{"name":{}}`), 422, `argument type mismatch`},
		{"PUT", "proj/" + missing, "name=x", 404, `not found`},
		{"PUT", "proj", query("updates", `[{"ID":"`+project+`"},{"ID":"`+missing+`"}]`), 404, `not found`},
		{"PUT", "proj", query("updates", `[{"name":"x"}]`), 400, `you must specify an ID`},
		{"PUT", "proj?ID=" + project, query("updates", `[{"name":"x"},{"name":"y"}]`), 422, `2 updates for 1 objects`},
		{"DELETE", "proj/" + missing, "", 404, `not found`},
		{"DELETE", "proj", "", 400, `you must specify an ID`},
		{"DELETE", "proj?ID=" + project + strings.Repeat(","+project, 100), "", 422, `greater than the maximum allowed of 100`},
	} {
		got := api(tenant, test.method, test.path, test.form)
		if got.status != test.status || !strings.Contains(got.body, test.body) {
			t.Errorf("%s %s %s: %d %s", test.method, test.path, test.form, got.status, got.body)
		}
	}
	for _, body := range []string{"x", "{", `"text"`} {
		if got := sendJSON(tenant, "POST", "proj", body); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
	if got := sendJSON(tenant, "POST", "proj", `{"name":"`+strings.Repeat("x", 10<<20)+`"}`); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("10 MiB: %d", got.status)
	}
	// None of that made or changed anything.
	if got := count(t, tenant, "proj/count"); got != 2 {
		t.Errorf("%d projects, want 2", got)
	}

	// Below a complete project nothing changes: the refusal in its recorded, full form.
	api(tenant, "PUT", "proj/"+project, "status=CPL")
	want := `{"error":{"class":"com.attask.common.ProjectStatusViolationException","message":"Unable to complete operation for a project of status Complete","title":null,"msgKey":"exception.attask","attributes":[""],"code":0}}`
	for _, method := range []string{"DELETE", "PUT"} {
		if got := api(tenant, method, "task/"+task, "name=y"); got.status != http.StatusForbidden || got.body != want {
			t.Errorf("%s: %d %s", method, got.status, got.body)
		}
	}
}

// query builds a form from pairs.
func query(pairs ...string) string {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		q.Add(pairs[i], pairs[i+1])
	}
	return q.Encode()
}
