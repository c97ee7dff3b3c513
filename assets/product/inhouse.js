/* The page's own behaviour: what Gradio does not do. Each module looks after one thing. */
import { frame } from "./frame.js";
import { speech } from "./speech.js";
import { messages } from "./messages.js";
import { sources } from "./sources.js";
import { documents } from "./documents.js";
import { models } from "./models.js";
import { review } from "./review.js";
import { search } from "./search.js";
import { account } from "./account.js";
import { audit } from "./audit.js";
import { me } from "./me.js";
import { people } from "./people.js";
import { safekeeping } from "./safekeeping.js";

frame();
messages();
speech();
sources();
documents();
models();
search();
review();
me();
account();
people();
audit();
safekeeping();
