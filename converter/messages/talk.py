"""What became of orders, what to do next, and what a run says while it goes."""

from __future__ import annotations

from converter.message import N_

SENTENCES: dict[str, str] = {
    # -- what became of an order ---------------------------------------------------------------
    "accepted_earlier": N_("Already accepted at {time}; not sent again."),
    "accepted_earlier_changed": N_(
        "Already accepted at {time}; not sent again, although the sheet now differs in: {fields}. "
        "Change it at the provider if need be."
    ),
    "rejected_unchanged": N_(
        "Rejected before, not changed since; not sent. Correct it, or use --again-rejected to send "
        "it as it is. {why}"
    ),
    "accepted_by_other": N_(
        "Accepted by {action} earlier; {wanted} was not done, because an accepted order is not "
        "sent again. Do that at the provider."
    ),
    "sheet_differs": N_("The sheet now differs from what was sent. That was not sent."),
    "first_content": N_(
        "It was sent as the sheet stood at the first attempt. The sheet now differs in: {fields}. "
        "That was not sent."
    ),
    "unproven": N_(
        "The provider's document does not list this answer as a refusal. Most likely nothing was "
        "created, but that is not proved: look it up there before you have it sent unchanged."
    ),
    "unknown_settles": N_(
        "It may or may not exist at the provider. Run again after {time}: "
        "it will be settled then. {why}"
    ),
    "unknown_again": N_(
        "It may or may not exist at the provider. Run again now: it will be settled then. {why}"
    ),
    "unknown_look_up": N_(
        "It may or may not exist at the provider. Look up {reference} there before doing anything "
        "else, write created or not created into the column Decision of the sheet Results, and run "
        "converter reconcile on this file. It is not sent again by itself. {why}"
    ),
    "result_elsewhere": N_("The result could not be written to {target}. It is {result} instead."),
    "result_nowhere": N_(
        "The result could not be written anywhere. {why}. Every answer is kept in the journal: "
        "once there is room, submit the same sheet again to get it; nothing is sent twice."
    ),
    # -- reconcile -----------------------------------------------------------------------------
    "not_in_doubt": N_("{reference} is not in doubt, so the decision about it was not needed."),
    "too_early": N_(
        "{reference}: a request that was given up on may still arrive. Look again after {time} "
        "before you say that it was not created."
    ),
    "stopping": N_(
        "Stopping: nothing more is sent. Waiting for the answers that are on their way; "
        "press Ctrl-C again to stop waiting (those orders are then unknown)."
    ),
    "explain_cell": N_("Cell"),
    "explain_column": N_("Column"),
    "explain_title": N_("Title of its column"),
    "explain_text": N_("What stands in it"),
    "explain_blank": N_("nothing"),
    "explain_order": N_("Order"),
    "explain_rows": N_("Rows"),
    "explain_checks": N_("Checks"),
    "explain_unused": N_("This column is not used: no field has this title."),
    "explain_path": N_("Field"),
    "explain_sent": N_("What is sent"),
    "explain_not_sent": N_("nothing from this cell"),
    "explain_rule": N_("Rule"),
    "explain_titles": N_("Known titles"),
    "explain_issue": N_("Problem"),
    "explain_answer": N_("Answer"),
    "provider_says": N_(
        "the provider refused the order: {why} Correct this cell and submit again."
    ),
    "line_not_made": N_(
        "the provider did not make this line: {why} The other lines of the order exist there."
    ),
    "partial": N_(
        "The provider made a part of it, under {number}. Not made: {lines}. Nothing of it is sent "
        "again, whatever is corrected here. Settle the rest at the provider, then write settled "
        "and the number into the columns Decision and Found order no. of the sheet Results and run "
        "converter reconcile on this file; or have the missing lines sent as a new order "
        "{reference}-R1 by converter submit with --send-missing."
    ),
    "lines_not_named": N_("what the message says"),
    "partial_word": N_(
        "{reference} exists in part. Once the rest is settled, say settled instead."
    ),
    "look_at_cells": N_("Look at {cells}."),
    "query_later": N_("{reference}: too early to ask the provider; run reconcile after {time}."),
    "query_failed": N_(
        "The provider could not be asked about {names}. Run reconcile again, or look them up."
    ),
    "query_silent": N_(
        "{reference}: the provider's answer to the query does not speak of it. Look it up there."
    ),
    "query_absent": N_(
        "{reference}: the provider does not find it. Submit the sheet again: it is sent again "
        "unchanged, and the provider refuses it if it has it after all."
    ),
    "query_never_created": N_(
        "The provider does not find this order. Correct its row and submit the sheet: should the "
        "order exist after all, the provider refuses a second one."
    ),
    "not_sent": N_("Not sent. Run again to send it. {why}"),
    "duplicate": N_(
        "The provider already has this reference, and no answer in this journal shows that it was "
        "sent from here. It may come from another computer, another CONVERTER_HOME, or an answer "
        "that could not be read. Check the order there, or use another reference. {why}"
    ),
    "part": N_("{reference}: {status} {number} {message}"),
    "more_issues": N_("and {count} more"),
    # -- the last line -------------------------------------------------------------------------
    "next_accepted": N_("Every order was accepted. Nothing is left to do."),
    "next_accepted_changed": N_(
        "Every order was accepted, but {count} of them stand otherwise in the sheet now; the "
        "changes were not sent. Change them at the provider if need be."
    ),
    "next_accepted_untracked": N_(
        "Every order was accepted; {count} of them have no tracking number so far."
    ),
    "next_sandbox": N_("This was the SANDBOX: nothing real was sent."),
    "next_valid": N_("Every order is valid. Next: {command}"),
    "next_valid_rest": N_("Every order is valid or was accepted before. Next: {command}"),
    "next_fix": N_("Next: open {result}, correct the red cells, save it, then: {command}"),
    "next_look": N_(
        "Next: open {result}; it says for each order what the provider answered. "
        "Correct there what was rejected, save it, then: {command}"
    ),
    # -- several files -------------------------------------------------------------------------
    "file_told": N_("{sheet}: {orders} orders ({counts})"),
    "file_empty": N_("{sheet}: no orders"),
    "file_result": N_("{told}. Result: {result}"),
    "file_begins": N_("{sheet} ({place} of {files}):"),
    "files_told": N_("In all {files} files, {orders} orders: {counts}"),
    "files_empty": N_("All {files} files have a header but no orders."),
    "more_files": N_("{names} and {more} more"),
    "confirm_several": N_("Send up to {orders} orders of {files} files to {address}?"),
    "stopping_several": N_(
        "Stopping: nothing more is sent. The result of each file that is left is still written; "
        "press Ctrl-C three times to leave at once."
    ),
    "next_stopped_at": N_("Stopped early at {sheet}; the rest was not sent. {why}"),
    "next_fix_several": N_(
        "Next: open {result}, correct the red cells, save them, then: {command}"
    ),
    "next_look_several": N_(
        "Next: open {result}; they say for each order what the provider answered. "
        "Correct there what was rejected, save them, then: {command}"
    ),
    "next_unknown_several": N_(
        "Next: some orders are unknown. {result} say for each what to look up or how long to wait. "
        "Then: {command}"
    ),
    "next_fix_sheet_several": N_(
        "Next: correct these cells in {sheet}, save them, then: {command}"
    ),
    # -- the last line, and what comes before it -------------------------------------------------
    "result_lies": N_("Result: {result}"),
    "confirm_journal": N_("Do you know that the journal is right, and send nevertheless?"),
    "confirm_rest": N_("The first orders were accepted. Send the other {left}?"),
    "plan_goes": N_("{total} orders: {goes} go"),
    "plan_warned": N_(" ({count} with a warning: {names})"),
    "plan_invalid": N_(", {count} have errors and stay"),
    "plan_held": N_(", {count} were sent before and stay"),
    "plan_real": N_("To {provider}, account {account}, action {action}. This is REAL."),
    "plan_none": N_("(only one)"),
    "yes_or_no": N_("y/N"),
    "confirm": N_("Send {orders} orders in {requests} requests to {address}?"),
    "progress": N_("{done} of {total} orders done"),
    "progress_and": N_("{said}, {more}"),
    "rate": N_("{rate} a second"),
    "rate_and_left": N_("{rate} a second, about {left} left"),
    "span_seconds": N_("{seconds} s"),
    "span_minutes": N_("{minutes} min"),
    "span_hours": N_("{hours} h {minutes} min"),
    "next_unknown": N_(
        "Next: some orders are unknown. "
        "{result} says for each what to look up or how long to wait. Then: {command}"
    ),
    "next_fix_sheet": N_("Next: correct these cells in {sheet}, save it, then: {command}"),
    "orders_counted": N_("{orders} orders: {counts}"),
    "counted_look": N_("{counted} ({look} of them to look at)"),
    "more_orders": N_("{status}: {count} more orders"),
    "no_number": N_("(no reference)"),
    "warning": N_("Warning: "),
    "next_again": N_("Next: send the rest: {command}"),
    # -- what stops a run, and what the journal knows ------------------------------------------
    "error": N_("Error: {problem}"),
    "interrupted": N_("Interrupted."),
    "plain_http": N_(
        "Warning: {provider} is reached over plain http: the account code and token travel in "
        "clear."
    ),
    "wrote_template": N_(
        "Wrote {file}. Fill in the sheet Orders, then: converter check {file} -p {provider}"
    ),
    "wrote_example": N_(
        "Wrote {file}. Look at the sheet Orders, then: converter check {file} -p {provider}"
    ),
    "doubt": N_("unknown  {where}  {reference}  since {since}  {message}"),
    "doubt_settles": N_("the next submit after {time} settles it"),
    "now": N_("now"),
    "run": N_("run {run}  {where}  {sheet}  {state}"),
    "not_finished": N_("not finished"),
    "setting_set": N_("set"),
    "setting_default": N_("default"),
    "setting_not_set": N_("not set"),
    "setting_missing": N_("MISSING"),
    "journal_sound": N_("{path}: sound"),
    "journal_empty": N_("The journal is empty."),
    "next_stopped": N_("Stopped early. {why}"),
    "next_no_orders": N_("The sheet has a header but no orders."),
    "journal_not_looked_at": N_(
        "Orders that were accepted before are not known here, because settings are missing: "
        "{names}."
    ),
    "journal_unreadable": N_("Whether some of these orders were sent before is not known. {why}"),
    "note_result_kept": N_(
        "{kept} holds what the provider answered and was kept. This result is {result}."
    ),
    "results_summary": N_("Summary"),
    "results_reference": N_("Reference"),
    "results_status": N_("Status"),
    "results_message": N_("Message"),
    "results_order_no": N_("Provider order no."),
    "results_tracking_no": N_("Tracking no."),
    "results_rows": N_("Rows"),
    "results_attempts": N_("Attempts"),
    "results_time": N_("Time"),
    "results_request_id": N_("Request ID"),
    "results_sandbox": N_("SANDBOX — nothing real was sent"),
    "results_stopped": N_("Stopped early"),
    "results_orders": N_("Orders"),
    "results_notes": N_("Notes"),
    "results_warnings": N_("Warnings"),
    "decision_created": N_("created"),
    "decision_not_created": N_("not created"),
    "decision_settled": N_("settled"),
    "results_has_order_no": N_("order no. {number}"),
    "results_has_tracking_no": N_("tracking no. {number}"),
    "results_fact_provider": N_("Provider"),
    "results_fact_file": N_("File"),
    "results_fact_sha256": N_("SHA-256"),
    "results_fact_profile": N_("Profile"),
    "results_fact_time": N_("Time"),
    "results_fact_run": N_("Run"),
    "results_fact_journal": N_("Journal"),
    "results_fact_mark": N_("Journal mark"),
    "results_fact_attempt": N_("Last attempt"),
    "results_fact_version": N_("Version"),
    "results_elsewhere": N_("This row is fine; its order has a problem in {cells}."),
    "results_anew": N_("The order sheet stands here as plain text. Your own file is unchanged."),
    "results_changed": N_(
        "The file was changed after it had been read. The order sheet stands here as it was read, "
        "as plain text."
    ),
}
