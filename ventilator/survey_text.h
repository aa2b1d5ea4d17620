/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VENTILATOR_SURVEY_TEXT_H
#define VENTILATOR_SURVEY_TEXT_H

#include "common/settings.h"
#include "ventilator/recipe.h"
#include "ventilator/sheet.h"

/* Everything that decides which rows an input gives, as text; one setting a line, values with their
 * lengths, so that no two different readings have the same text. Change it with whatever changes
 * how rows are read, or raise its version. The text is the caller's to free. */
int survey_text_write(const struct settings_reading *settings, const struct sheet *sheet,
                      const struct recipe *recipe, char **text) MUST_USE;

#endif
