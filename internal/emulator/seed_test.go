package emulator_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/emulator"
)

// all walks every row of an object type in ID order.
func all(t *testing.T, tenant *emulator.Tenant, object, fields string) (list []object) {
	t.Helper()
	for {
		page := rows(t, tenant, object+"/search?ID_Sort=asc&$$LIMIT=2000&"+query("$$FIRST", strconv.Itoa(len(list)), "fields", fields))
		list = append(list, page...)
		if len(page) < 2000 {
			return list
		}
	}
}

func index(list []object) map[string]object {
	byID := make(map[string]object, len(list))
	for _, row := range list {
		byID[row["ID"].(string)] = row
	}
	return byID
}

// The data hang together: what is referred to exists, and what follows from something else agrees with it.
func TestSeededData(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{})
	projects, users := index(all(t, tenant, "proj", "*")), index(all(t, tenant, "user", "*"))
	tasks, issues := index(all(t, tenant, "task", "*")), index(all(t, tenant, "optask", "*"))
	hours := all(t, tenant, "hour", "*")
	if len(projects) != 250 || len(tasks) < 1000 || len(users) < 12 || len(issues) < 100 || len(hours) < 500 {
		t.Errorf("%d projects, %d tasks, %d users, %d issues, %d hours", len(projects), len(tasks), len(users), len(issues), len(hours))
	}
	id := regexp.MustCompile(`^[0-9a-f]{32}$`)
	date := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d:\d{3}-0700$`)
	nested, milliseconds := 0, 0
	var texts []string
	for key, task := range tasks {
		project, ok := projects[task["projectID"].(string)]
		if !id.MatchString(key) || !ok {
			t.Fatalf("task %v", task)
		}
		for _, name := range []string{"plannedStartDate", "plannedCompletionDate", "entryDate"} {
			if !date.MatchString(task[name].(string)) {
				t.Errorf("%s: %v", name, task[name])
			}
		}
		if !strings.Contains(task["entryDate"].(string), ":000-") {
			milliseconds++
		}
		if task["plannedStartDate"].(string) < project["plannedStartDate"].(string) || task["plannedCompletionDate"].(string) > project["plannedCompletionDate"].(string) {
			t.Errorf("task %s lies outside its project", key)
		}
		if (task["status"] == "CPL") != (task["percentComplete"] == 100.0) || project["status"] == "CPL" && task["status"] != "CPL" {
			t.Errorf("task %s: %v, %v%%, project %v", key, task["status"], task["percentComplete"], project["status"])
		}
		if parent, ok := task["parentID"].(string); ok {
			nested++
			if tasks[parent]["projectID"] != task["projectID"] || !strings.HasPrefix(task["wbs"].(string), tasks[parent]["wbs"].(string)+".") {
				t.Errorf("task %s has a parent elsewhere", key)
			}
		}
		if assignee, ok := task["assignedToID"].(string); ok && users[assignee] == nil {
			t.Errorf("task %s is assigned to nobody", key)
		}
		texts = append(texts, task["name"].(string))
	}
	for _, hour := range hours {
		if users[hour["ownerID"].(string)] == nil || projects[hour["projectID"].(string)] == nil || hour["hours"].(float64) <= 0 {
			t.Errorf("hour %v", hour)
		}
		if task, ok := hour["taskID"].(string); ok && tasks[task]["projectID"] != hour["projectID"] {
			t.Errorf("hour %v is on another project than its task", hour)
		}
		if issue, ok := hour["opTaskID"].(string); ok && issues[issue]["projectID"] != hour["projectID"] {
			t.Errorf("hour %v is on another project than its issue", hour)
		}
	}
	missing := 0
	for _, project := range projects {
		texts = append(texts, project["name"].(string))
		if project["description"] == nil {
			missing++
		}
	}
	if nested == 0 || milliseconds == 0 || missing == 0 {
		t.Errorf("%d nested tasks, %d dates with milliseconds, %d without a description", nested, milliseconds, missing)
	}
	for _, odd := range []string{`"`, ",", "é", "製", "🎉", "<", "=", strings.Repeat("that goes on and ", 12)} {
		if !slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, odd) }) {
			t.Errorf("no name has %s", odd)
		}
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 7, Tasks: 5000})
	if tasks, projects := count(t, tenant, "task/count"), count(t, tenant, "proj/count"); tasks != 5000 || projects != 7 {
		t.Errorf("%d tasks in %d projects", tasks, projects)
	}
	if list := all(t, tenant, "task", "name"); len(index(list)) != 5000 {
		t.Errorf("%d tasks on the pages", len(index(list)))
	}
}

func TestClientsAndUsers(t *testing.T) {
	t.Parallel()
	tenant := emulator.New(emulator.Options{Projects: 1, RedirectURIs: []string{"http://127.0.0.1:9/cb"}})
	wanted := []string{"http://127.0.0.1:8765/callback", "http://localhost:8765/callback", "http://[::1]:8765/callback", "http://127.0.0.1:9/cb"}
	if got := web(tenant); got.Type != emulator.WebApplication || got.Secret == "" || !slices.Equal(got.RedirectURIs, wanted) {
		t.Errorf("%+v", got)
	}
	if got := spa(tenant); got.Type != emulator.SinglePage || got.Secret != "" || !slices.Equal(got.RedirectURIs, wanted) {
		t.Errorf("%+v", got)
	}
	if got := m2m(tenant); got.Type != emulator.MachineToMachine || got.Secret == "" || got.RedirectURIs != nil ||
		got.UserID != tenant.Users()[0].ID || got.CustomerID == "" {
		t.Errorf("%+v", got)
	}
	tenant.RegisterRedirect("http://127.0.0.1:10/cb")
	tenant.Clients()[0].RedirectURIs[0] = "changed"
	if got := web(tenant).RedirectURIs; !slices.Equal(got, append(wanted, "http://127.0.0.1:10/cb")) {
		t.Errorf("%q", got)
	}
	for _, user := range tenant.Users() {
		if row := data[object](t, api(tenant, "GET", "user/"+user.ID, "")); row["username"] != user.Username || row["name"] != user.Name || user.Password == "" {
			t.Errorf("%+v is %v", user, row)
		}
	}
}
