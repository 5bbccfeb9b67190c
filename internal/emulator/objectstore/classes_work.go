package objectstore

import "slices"

// workClasses are what is done: projects, tasks, issues, hours, and who is to do it.
func workClasses() []*class {
	return []*class{projectClass(), taskClass(), issueClass(), hourClass(), assignmentClass(), workClass(), expenseClass(), timesheetClass()}
}

func projectClass() *class {
	return &class{
		code: "PROJ", name: "Project", label: "Project", journal: true,
		collections: []collection{
			{"tasks", "Tasks", "TASK", "projectID"}, {"hours", "Hours", "HOUR", "projectID"}, {"openOpTasks", "Issues", "OPTASK", "projectID"},
			{"documents", "Documents", "DOCU", "projectID"}, {"expenses", "Expenses", "EXPNS", "projectID"},
			{"notes", "Notes", "NOTE", "projectID"}, {"accessRules", "Access Rules", "ACSRUL", "securityObjID"},
		},
		standard: []string{"ID", "name", "objCode", "percentComplete", "plannedCompletionDate", "plannedStartDate", "priority", "projectedCompletionDate", "status"},
		actions:  slices.Concat(projectActions(), sharing()),
		fields: append(identity(),
			choiceField("status", "Status", choice{"CUR", "Current"}, choice{"PLN", "Planning"}, choice{"CPL", "Complete"}, choice{"ONH", "On Hold"}, choice{"DED", "Dead"}),
			text("description", "Description"),
			priority(),
			double("percentComplete", "Percent Complete"),
			dateTime("plannedStartDate", "Planned Start Date"),
			dateTime("plannedCompletionDate", "Planned Completion Date"),
			dateTime("projectedCompletionDate", "Projected Completion Date"),
			noDate("actualCompletionDate", "Actual Completion Date"),
			entryDate(),
			readOnly(dateTime("lastUpdateDate", "Last Update Date")),
			readOnly(whole("referenceNumber", "Reference Number")),
			money("budget", "Budget"),
			reference("ownerID", "Owner ID", "USER"),
			enteredBy(),
			choiceField("condition", "Condition", choice{"ON", "On Target"}, choice{"AR", "At Risk"}, choice{"IT", "In Trouble"}),
			reference("sponsorID", "Sponsor ID", "USER"),
			reference("portfolioID", "Portfolio ID", "PORT"),
			reference("programID", "Program ID", "PRGM"),
			reference("companyID", "Company ID", "CMPY"),
			reference("groupID", "Group ID", "GROUP"),
			reference("templateID", "Template ID", "TMPL"),
			reference("categoryID", "Category ID", "CTGY"),
			readOnly(reference("lastUpdatedByID", "Last Updated By ID", "USER")),
			text("URL", "URL"),
			externalID(),
			customer(),
			text("DE:Region", "Region"),
			text("DE:Cost Center", "Cost Center"),
			&field{name: "DE:Go-live", label: "Go-live", kind: kindDate, plain: true},
			double("DE:Forecast", "Forecast"),
			reference("DE:Client contact", "Client contact", "USER"), // a type-ahead field: it holds an object, and is filtered by its ID
		),
	}
}

func taskClass() *class {
	return &class{
		code: "TASK", name: "Task", label: "Task", journal: true,
		collections: []collection{
			{"children", "Subtasks", "TASK", "parentID"}, {"hours", "Hours", "HOUR", "taskID"}, {"assignments", "Assignments", "ASSGN", "taskID"},
			{"documents", "Documents", "DOCU", "taskID"}, {"notes", "Notes", "NOTE", "taskID"}, {"expenses", "Expenses", "EXPNS", "taskID"},
			{"accessRules", "Access Rules", "ACSRUL", "securityObjID"},
		},
		standard: []string{"ID", "name", "objCode", "percentComplete", "plannedCompletionDate", "plannedStartDate", "priority", "progressStatus", "projectedCompletionDate", "projectedStartDate", "status", "taskNumber", "wbs"},
		actions:  slices.Concat(taskActions(), sharing()),
		fields: append(identity(),
			choiceField("status", "Status", choice{"NEW", "New"}, choice{"INP", "In Progress"}, choice{"CPL", "Complete"}),
			text("description", "Description"),
			priority(),
			double("percentComplete", "Percent Complete"),
			choiceField("progressStatus", "Progress Status", choice{"OT", "On Time"}, choice{"LT", "Late"}, choice{"BH", "Behind"}, choice{"AR", "At Risk"}),
			dateTime("plannedStartDate", "Planned Start Date"),
			dateTime("plannedCompletionDate", "Planned Completion Date"),
			dateTime("projectedStartDate", "Projected Start Date"),
			dateTime("projectedCompletionDate", "Projected Completion Date"),
			entryDate(),
			readOnly(whole("taskNumber", "Task Number")),
			readOnly(text("wbs", "WBS")),
			frozen(whole("workRequired", "Planned Minutes")),
			owner("projectID", "Project ID", "PROJ"),
			owner("parentID", "Parent ID", "TASK"),
			reference("assignedToID", "Assigned To ID", "USER"),
			lastUpdateDate(),
			noDate("actualCompletionDate", "Actual Completion Date"),
			noDate("commitDate", "Commit Date"),
			reference("roleID", "Role ID", "ROLE"),
			reference("teamID", "Team ID", "TEAMOB"),
			enteredBy(),
			reference("categoryID", "Category ID", "CTGY"),
			readOnly(reference("lastUpdatedByID", "Last Updated By ID", "USER")),
			externalID(),
			customer(),
			text("DE:Channel", "Channel"),
		),
	}
}

func issueClass() *class {
	return &class{
		code: "OPTASK", name: "OpTask", label: "Issue", alias: "issue", journal: true,
		collections: []collection{
			{"hours", "Hours", "HOUR", "opTaskID"}, {"assignments", "Assignments", "ASSGN", "opTaskID"}, {"documents", "Documents", "DOCU", "opTaskID"},
			{"notes", "Notes", "NOTE", "opTaskID"}, {"accessRules", "Access Rules", "ACSRUL", "securityObjID"},
		},
		standard: []string{"ID", "name", "objCode", "entryDate", "plannedCompletionDate", "plannedStartDate", "priority", "severity", "status"},
		actions:  slices.Concat(issueActions(), sharing()),
		fields: append(identity(),
			choiceField("status", "Status", choice{"NEW", "New"}, choice{"INP", "In Progress"}, choice{"AWF", "Awaiting Feedback"}, choice{"CPL", "Complete"}),
			text("description", "Description"),
			priority(),
			severity(),
			dateTime("plannedStartDate", "Planned Start Date"),
			dateTime("plannedCompletionDate", "Planned Completion Date"),
			entryDate(),
			flag("isComplete", "Is Complete"),
			frozen(owner("projectID", "Project ID", "PROJ")),
			reference("ownerID", "Primary Contact ID", "USER"),
			reference("assignedToID", "Assigned To ID", "USER"),
			lastUpdateDate(),
			noDate("actualCompletionDate", "Actual Completion Date"),
			noDate("commitDate", "Commit Date"),
			frozen(whole("workRequired", "Planned Minutes")),
			reference("roleID", "Role ID", "ROLE"),
			reference("teamID", "Team ID", "TEAMOB"),
			enteredBy(),
			reference("categoryID", "Category ID", "CTGY"),
			readOnly(reference("lastUpdatedByID", "Last Updated By ID", "USER")),
			externalID(),
			customer(),
			text("DE:Channel", "Channel"),
		),
	}
}

func hourClass() *class {
	return &class{
		code: "HOUR", name: "Hour", label: "Hour",
		standard: []string{"ID", "objCode", "entryDate", "hours", "status"},
		actions:  hourActions(),
		fields: append(nameless(),
			choiceField("status", "Status", choice{"SUB", "Submitted"}, choice{"APR", "Approved"}),
			text("description", "Description"),
			double("hours", "Hours"),
			date("entryDate", "Entry Date"),
			owner("projectID", "Project ID", "PROJ"),
			reference("taskID", "Task ID", "TASK"),
			reference("opTaskID", "Issue ID", "OPTASK"),
			reference("ownerID", "Owner ID", "USER"),
			reference("roleID", "Role ID", "ROLE"),
			reference("timesheetID", "Timesheet ID", "TSHET"),
			readOnly(reference("approvedByID", "Approved By ID", "USER")),
			readOnly(noDate("approvedOnDate", "Approved On Date")),
			lastUpdateDate(),
			externalID(),
			customer(),
		),
	}
}

func assignmentClass() *class {
	return &class{
		code: "ASSGN", name: "Assignment", label: "Assignment",
		standard: []string{"ID", "objCode", "assignedToID", "isPrimary", "roleID", "status"},
		fields: append(nameless(),
			choiceField("status", "Status", choice{"AA", "Requested"}, choice{"AD", "Working"}, choice{"DN", "Done"}),
			reference("assignedToID", "Assigned To ID", "USER"),
			reference("roleID", "Role ID", "ROLE"),
			reference("teamID", "Team ID", "TEAMOB"),
			owner("taskID", "Task ID", "TASK"),
			owner("opTaskID", "Issue ID", "OPTASK"),
			owner("projectID", "Project ID", "PROJ"),
			flag("isPrimary", "Is Primary"),
			double("assignmentPercent", "Assignment Percentage"),
			frozen(whole("workRequired", "Planned Minutes")),
			reference("assignedByID", "Assigned By ID", "USER"),
			customer(),
		),
	}
}

// workClass is tasks and issues as one list.
func workClass() *class {
	return &class{
		code: "WORK", name: "Work", label: "Work", operations: "count get report search", parts: []string{"TASK", "OPTASK"},
		standard: []string{"ID", "name", "objCode", "plannedCompletionDate", "plannedStartDate", "priority", "status"},
		actions:  workActions(),
		queries:  workQueries(),
		fields: append(identity(),
			text("status", "Status"),
			text("description", "Description"),
			priority(),
			severity(),
			double("percentComplete", "Percent Complete"),
			text("progressStatus", "Progress Status"),
			dateTime("plannedStartDate", "Planned Start Date"),
			dateTime("plannedCompletionDate", "Planned Completion Date"),
			dateTime("projectedCompletionDate", "Projected Completion Date"),
			dateTime("actualCompletionDate", "Actual Completion Date"),
			dateTime("commitDate", "Commit Date"),
			dateTime("entryDate", "Entry Date"),
			dateTime("lastUpdateDate", "Last Update Date"),
			reference("projectID", "Project ID", "PROJ"),
			reference("parentID", "Parent ID", "TASK"),
			reference("ownerID", "Primary Contact ID", "USER"),
			reference("assignedToID", "Assigned To ID", "USER"),
			reference("roleID", "Role ID", "ROLE"),
			reference("teamID", "Team ID", "TEAMOB"),
			enteredBy(),
		),
	}
}

func expenseClass() *class {
	return &class{
		code: "EXPNS", name: "Expense", label: "Expense",
		standard: []string{"ID", "objCode", "actualAmount", "description", "effectiveDate", "plannedAmount"},
		fields: append(nameless(),
			text("description", "Description"),
			money("plannedAmount", "Planned Amount"),
			money("actualAmount", "Actual Amount"),
			date("effectiveDate", "Effective Date"),
			flag("isBillable", "Is Billable"),
			owner("projectID", "Project ID", "PROJ"),
			reference("taskID", "Task ID", "TASK"),
			entryDate(),
			enteredBy(),
			externalID(),
			customer(),
		),
	}
}

func timesheetClass() *class {
	return &class{
		code: "TSHET", name: "Timesheet", label: "Timesheet",
		collections: []collection{{"hours", "Hours", "HOUR", "timesheetID"}},
		standard:    []string{"ID", "objCode", "displayName", "endDate", "startDate", "status"},
		fields: append(nameless(),
			text("displayName", "Name"),
			choiceField("status", "Status", choice{"O", "Open"}, choice{"S", "Submitted"}, choice{"C", "Closed"}),
			date("startDate", "Start Date"),
			date("endDate", "End Date"),
			owner("userID", "User ID", "USER"),
			reference("approverID", "Approver ID", "USER"),
			lastUpdateDate(),
			customer(),
		),
	}
}
